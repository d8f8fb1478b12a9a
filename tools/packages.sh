#!/usr/bin/env bash
# Installs the Debian packages that the real rig in the tests needs. Without root or apt it says what will be skipped.
set -euo pipefail

programs=(jackd jack_lsp jack_capture fluidsynth flac sox clang++ ip spin tmux pipewire wireplumber pw-jack dbus-run-session
    jalv ardour7-lua)
packages=(jackd2 libportaudio2 jack-capture fluidsynth fluid-soundfont-gm flac sox clang iproute2 spin tmux
    pipewire pipewire-bin pipewire-jack wireplumber dbus
    jalv mda-lv2 ardour)

# Any of these browsers will do. Debian has a package; Ubuntu's is another and no use, its machines in CI have Chrome.
browser=$(command -v chromium chromium-browser google-chrome | head -1) || true

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
done
if [ -z "$browser" ] && grep -qs '^ID=debian' /etc/os-release; then
    missing+=(chromium)
fi
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    echo 'jackd2 jackd/tweak_rt_limits boolean true' | debconf-set-selections
    if { apt-get -q update && apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}"; } >/tmp/emohost-apt.$$ 2>&1; then
        rm -f /tmp/emohost-apt.$$
        exit 0
    fi
    tail -5 /tmp/emohost-apt.$$
fi
for program in "${programs[@]}"; do
    command -v "$program" >/dev/null || echo "no $program here: the tests that need it are skipped"
done
[ -n "$browser" ] || echo "no chromium here: the tests that need it are skipped"
