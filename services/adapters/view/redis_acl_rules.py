"""The table of rights in Redis: a user may run what a row of it grants, on the keys of that row, and nothing else (security, F11).

A role is a user that the services of one kind share, as in Kafka (ADR 17). `deploy/redis/users.acl` is written from this table, and
`deploy/redis/start.sh` adds the passwords. Only the processor writes the view; no service may empty, configure or watch the server.
Needs Redis 7 or Valkey: older ones know no rights for parts of the keys.

A script needs all of its keys for reading and writing, whatever it does with them, so each role may run scripts on all of its keys; what a
script then runs is looked up in this table as any other command is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.adapters.view.keys import demand, moved

ROLES: Final = ("gateway", "processor", "api", "monitor", "operator")
_CONNECTION: Final = ("auth", "hello", "ping", "select", "client|setinfo", "client|setname")
_SCRIPTS: Final = ("evalsha",)
_KNOWN_SCRIPTS: Final = ("script|load", "script|exists")
_VIEW: Final = ("{*}:*", "demand:{*}:*")
# Not the memory of the processor (`facts`, `seen`, `corrected`), nor its counts: readers count what they have read
_SHOWN: Final = (
    *(f"{{*}}:{name}" for name in ("position", "halted", "changes", "shelters", "units", "holds")),
    *(f"demand:{{*}}:{name}" for name in ("position", "halted", "changes", "open", "cases")),
)
_READ: Final = ("exists", "get", "hget", "hgetall", "hmget", "xrange", "xrevrange", "zrange")
_FOLD: Final = ("del", "hdel", "hset", "set", "xadd", "zadd", "zremrangebyscore")
_LISTEN: Final = ("subscribe", "unsubscribe")
# Turns of rate limits (`auth/rates.lua`)
_TURNS: Final = ("del", "get", "set")
_COUNTED: Final = ("unheld", "given-back", "desk", "fallback", "glass", "listed", "taken-over", "phone")
_OF_API: Final = (
    *("requests:*", "paid:*", *(f"{name}:*" for name in _COUNTED)),
    *("waiting", "search:*", "asked:*", "asking:*", "over:*", "owner:*", "taken-by:*", "handovers"),
    *("offered:*", "duty", "logged:*", "unlogged:*", "notice:*"),
)
_OWN: Final = (
    *("del", "exists", "expire", "get", "getdel", "hdel", "hget", "hgetall", "hset", "incrby", "lindex", "llen", "lpop", "mget"),
    *("pexpire", "rpush", "sadd", "set", "smembers", "xadd", "xrange", "xrevrange", "zadd", "zrange", "zrem", "zremrangebyscore"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisGrant:
    """These commands on keys that match one of these patterns, without their prefix; `reads`: for reading only."""

    commands: tuple[str, ...]
    keys: tuple[str, ...]
    reads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisUser:
    """A user with its grants; `commands` need no key, and `channels` opens those of the view to them."""

    name: str
    grants: tuple[RedisGrant, ...]
    commands: tuple[str, ...] = ()
    channels: bool = False

    def line(self, prefix: str) -> str:
        """Return its line of an ACL file, without a password: with none, no one can log in as it."""
        general = [*_CONNECTION, *_KNOWN_SCRIPTS, "time", *self.commands]
        channels = [f"&{moved(name)}" for name in (prefix, demand(prefix))] if self.channels else []
        keys = tuple(dict.fromkeys(key for grant in self.grants for key in grant.keys))
        scripts = _selector(prefix, RedisGrant(commands=_SCRIPTS, keys=keys))
        selectors = [_selector(prefix, grant) for grant in self.grants]
        return " ".join(["user", self.name, "on", "-@all", *channels, *(f"+{name}" for name in general), scripts, *selectors])


USERS: Final = (
    RedisUser(
        name="gateway",
        grants=(
            RedisGrant(commands=_READ, keys=_SHOWN, reads=True),
            RedisGrant(commands=_TURNS, keys=("turn:*",)),
            RedisGrant(commands=("expire", "incrby"), keys=("events:*",)),
            RedisGrant(commands=("get", "set"), keys=("attempt:*",)),
        ),
        commands=_LISTEN,
        channels=True,
    ),
    RedisUser(
        name="processor",
        # Its canary counts what is there beside what it knows
        grants=(RedisGrant(commands=(*_READ, *_FOLD, "hlen"), keys=_VIEW),),
        # Whether Redis would evict parts of the view
        commands=("info", "publish"),
        channels=True,
    ),
    RedisUser(
        name="api",
        grants=(
            RedisGrant(commands=_READ, keys=(*_SHOWN, "{*}:checked", "demand:{*}:checked", "last-checks"), reads=True),
            RedisGrant(commands=_OWN, keys=("turn:*", "attempt:*", *_OF_API)),
        ),
        commands=_LISTEN,
        channels=True,
    ),
    RedisUser(name="monitor", grants=(RedisGrant(commands=_TURNS, keys=("turn:*",)),)),
    RedisUser(
        name="operator",
        grants=(
            RedisGrant(commands=_READ, keys=(*_VIEW, "last-checks"), reads=True),
            RedisGrant(commands=("hset",), keys=("last-checks",)),
            # `plek rebuild` removes the position of a partition, and its processor does the rest
            RedisGrant(commands=("del",), keys=("{*}:position", "demand:{*}:position")),
            # `plek forget` removes the changes that name what is no longer kept
            RedisGrant(commands=("xtrim",), keys=("{*}:changes", "demand:{*}:changes")),
        ),
        # What a user was refused: the first thing to look at when a part is away. And `plek forget` has the append-only file written anew
        commands=(*_LISTEN, "acl|log", "info", "bgrewriteaof"),
        channels=True,
    ),
)


def acl_lines(prefix: str) -> Iterable[str]:
    """Yield the lines of the ACL file of the data set of this prefix; the user without a name may do nothing."""
    yield "user default off"
    yield from (user.line(prefix) for user in USERS)


def _selector(prefix: str, grant: RedisGrant) -> str:
    access = "%R~" if grant.reads else "~"
    keys = " ".join(f"{access}{prefix}:{key}" for key in grant.keys)
    return f"(-@all {' '.join(f'+{name}' for name in sorted(grant.commands))} {keys})"
