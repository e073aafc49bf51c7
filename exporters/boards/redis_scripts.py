"""The Lua scripts of the Redis board; each runs as a whole, and touches only the keys it is given.

Lua numbers are doubles, exact up to 2^53: enough for a generation, which is at least the server's
clock in ms.
"""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha1
from typing import Final


@dataclass(frozen=True)
class Script:
    """A script and the digest by which a server that has seen it knows it."""

    text: str

    @cached_property
    def sha(self) -> str:
        """The digest; Redis names scripts by SHA-1, nothing is secured by it."""
        return sha1(self.text.encode(), usedforsecurity=False).hexdigest()


_CLOCK: Final = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
"""

CLAIM: Final = Script(
    _CLOCK
    + """
-- KEYS: partition count, meta, installation. ARGV: partitions, retention, installation, lease
if ARGV[3] ~= '' then
  local holder = redis.call('GET', KEYS[3])
  if holder and holder ~= ARGV[3] then return false end
  redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[4])
end
-- The clock keeps generations rising even when the last one has been lost with everything else.
local last = tonumber(redis.call('HGET', KEYS[2], 'claimed') or '0')
local generation = string.format('%.0f', math.max(last + 1, now))
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('HSET', KEYS[2], 'claimed', generation)
redis.call('EXPIRE', KEYS[2], ARGV[2])
return generation
"""
)
"""Raises the fence of a partition and notes how many partitions there are; returns nothing to one
installation while another one's lease lasts."""

RELEASE: Final = Script(
    """
-- KEYS: meta. ARGV: generation
if redis.call('HGET', KEYS[1], 'claimed') == ARGV[1] then
  redis.call('HINCRBY', KEYS[1], 'claimed', 1)
end
return 1
"""
)
"""Raises the fence above a generation, if that one holds the partition."""

PUBLISH: Final = Script(
    _CLOCK
    + """
-- KEYS: partition count, meta, chunks, order, installation
-- ARGV: generation, sequence, full, status, chunks, partitions, retention, installation, lease
-- chunks: (length of key, key, length of cells, cells)*, lengths as 4 bytes, big-endian
local meta = redis.call('HMGET', KEYS[2], 'claimed', 'generation', 'sequence', 'count')
local generation, sequence, full = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local held = tonumber(meta[2] or '0')
local holder = redis.call('GET', KEYS[5])
if holder and ARGV[8] ~= '' and holder ~= ARGV[8] then return 'stale' end
if generation < tonumber(meta[1] or '0') then return 'stale' end
if generation == held and sequence <= tonumber(meta[3] or '0') then return 'stale' end
if full then
  -- HSET comes first: a server that is out of memory refuses it, but not UNLINK nor what follows
  redis.call('HSET', KEYS[2], 'base', ARGV[2])
  redis.call('UNLINK', KEYS[3], KEYS[4])
else
  local count = tonumber(meta[4] or '-1')
  local whole = redis.call('HLEN', KEYS[3]) == count and redis.call('ZCARD', KEYS[4]) == count
  -- a server that came back from an older dump holds less than the changes build on
  local follows = generation == held and sequence == tonumber(meta[3]) + 1
  if not (follows and whole) then return 'unknown' end
end
local chunks, at, size = ARGV[5], 1, #ARGV[5]
while at <= size do
  local items, scores, key, cells = {}, {}, nil, nil
  while at <= size and #items < 1000 do  -- unpack() takes some 8,000 values at most
    key, cells, at = struct.unpack('>I4c0I4c0', chunks, at)
    items[#items + 1] = key
    items[#items + 1] = cells
    scores[#scores + 1] = ARGV[2]
    scores[#scores + 1] = key
  end
  redis.call('HSET', KEYS[3], unpack(items))
  redis.call('ZADD', KEYS[4], unpack(scores))
end
redis.call('HSET', KEYS[2], 'claimed', ARGV[1], 'generation', ARGV[1], 'sequence', ARGV[2],
  'status', ARGV[4], 'published', string.format('%.0f', now), 'count', redis.call('HLEN', KEYS[3]))
if ARGV[6] ~= '0' then redis.call('SET', KEYS[1], ARGV[6], 'NX') end
for i = 1, 4 do redis.call('EXPIRE', KEYS[i], ARGV[7]) end
if ARGV[8] ~= '' then redis.call('SET', KEYS[5], ARGV[8], 'EX', ARGV[9]) end
return 'ok'
"""
)
"""Replaces chunks if the writer holds the partition and the board holds what the changes build
on."""

READ: Final = Script(
    _CLOCK
    + """
-- KEYS: meta, chunks, order. ARGV: generation and sequence that the reader holds
local meta = redis.call(
  'HMGET', KEYS[1], 'generation', 'sequence', 'base', 'published', 'status', 'count')
local count = tonumber(meta[6] or '-1')
local whole = redis.call('HLEN', KEYS[2]) == count and redis.call('ZCARD', KEYS[3]) == count
if not whole then return false end
local sequence, since = tonumber(meta[2]), tonumber(ARGV[2])
local age = math.max(now - tonumber(meta[4]), 0)
if ARGV[1] ~= meta[1] or since < tonumber(meta[3]) or since > sequence then
  return {meta[1], meta[2], age, meta[5], 1, redis.call('HGETALL', KEYS[2])}
end
local items, step = {}, 1000
if since < sequence then
  local keys = redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. ARGV[2], '+inf')
  for first = 1, #keys, step do
    local last = math.min(first + step - 1, #keys)
    local cells = redis.call('HMGET', KEYS[2], unpack(keys, first, last))
    for i = first, last do
      items[#items + 1] = keys[i]
      items[#items + 1] = cells[i - first + 1]
    end
  end
end
return {meta[1], meta[2], age, meta[5], 0, items}
"""
)
"""Returns a partition's changed or all chunks; nothing if the board does not hold them all."""
