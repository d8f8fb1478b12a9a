"""Side B's section of a rig's YAML file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from emohost.config.section import FilePath, Section, cross_field, pattern_message

NAME = "a name of letters, digits, - and _, at most 32, that begins with a letter or digit"

Call = Annotated[
    str,
    Field(
        pattern=r"^([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?$",
        json_schema_extra=pattern_message("host, host:port, [IPv6 address] or [IPv6 address]:port"),
        description="host, host:port, [IPv6 address] or [IPv6 address]:port",
    ),
]


class FieldTls(Section):
    """PEM files: both ends of a connection show a certificate of one authority."""

    authority: FilePath = Field(description="Certificate of the authority that signed those of all rigs")
    certificate: FilePath = Field(description="This rig's certificate, for the address it is called by")
    key: FilePath = Field(description="This rig's private key")
    allow: list[str] | None = Field(
        None,
        max_length=1024,
        description="Common names of the certificates that are listened to; absent: all of that authority",
    )


class EmotionalField(Section):
    """The field between rigs: each tells the others how it feels, if consent covers that, and hears what all feel."""

    enabled: bool = Field(False, description="Whether this rig takes part (needs the extra: emohost[field])")
    name: str = Field(
        "stage",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$",
        json_schema_extra=pattern_message(NAME),
        description="Name of the field; rigs with one name hear each other",
    )
    role: Literal["peer", "client", "router"] = Field(
        "peer",
        description="peer: calls the others and is called; client: calls a router; router: passes on for clients",
    )
    interface: str = Field(
        "loopback",
        pattern=r"^[^\s/#]{1,64}$",
        json_schema_extra=pattern_message("a name without spaces, / and #, at most 64 characters"),
        description="The one network interface that is used, eth0 say; loopback: this machine alone",
    )
    port: int = Field(7447, ge=0, le=65535, description="TCP port it is called at; 0: any that is free")
    connect: list[Call] = Field(
        [],
        max_length=256,
        description="Rigs or routers to call, host or host:port; its own address is left out",
    )
    influence: float = Field(
        0.25,
        ge=0,
        le=1,
        description="Largest weight of the field in what is felt, reached where all feel alike",
    )
    tls: FieldTls | None = Field(
        None, description="Certificates; absent: neither encrypted nor authenticated"
    )

    @model_validator(mode="after")
    def _client_needs_a_router(self) -> EmotionalField:
        if self.role == "client" and not self.connect:
            raise cross_field(
                "role client and nobody to call", "a router under connect", ("role",), ("connect",)
            )
        return self


class Bridge(Section):
    """Side B: emotion from people and programs, beside what is heard."""

    ring: str = Field(
        "emohost",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$",
        json_schema_extra=pattern_message(NAME),
        description="Name of the ring it listens to; hosts with one name hear the same writers",
    )
    weight: float = Field(1, ge=0, le=1, description="Factor on every writer's weight; 0: not felt at all")
    process: Literal["separate", "none"] = Field(
        "separate", description="separate: run the script in a process of its own, watched; none: run nothing"
    )
    script: FilePath | None = Field(
        None, description="Python file to run as Side B; it finds the ring with EmotionRing()"
    )
    memory_mb: int = Field(
        512, ge=64, le=65536, description="What the script may allocate, megabytes (Linux)"
    )
    patience_s: float | None = Field(
        30,
        ge=1,
        le=3600,
        description="Without a sign of life, or at full load without writing (Linux), for so long: started again; "
        "null: it may take its time",
    )
    field: EmotionalField = Field(
        EmotionalField(), description="The field between rigs: what all of them feel together"
    )
