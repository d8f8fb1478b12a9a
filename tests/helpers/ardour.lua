-- Ardour without a screen, led by another process: each line that comes in is run, and its result is a line of the file
-- that the first argument names. (Ardour's own messages are on its standard output.)
local answers = assert(io.open(arg[1], "w"))
answers:setvbuf("no")

local function run(line)
	local chunk, mistake = load(line)
	if not chunk then
		return false, mistake
	end
	return pcall(chunk)
end

for line in io.lines() do
	local done, result = run(line)
	local text = tostring(result):gsub("\n", " ")
	answers:write(done and "done " or "failed ", text, "\n")
end
