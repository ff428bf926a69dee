"""chat-exporter on discord.py: the corpus in, its page out, without a login and without a network.

    python render.py CORPUS PAGE ROUNDS

Processor time from opening the corpus to the page's last byte; loading the program is not counted. The shortest of
the rounds is printed, as JSON.
"""

import asyncio
import json
import os
import re
import sys
import time
from types import SimpleNamespace

import aiohttp
import chat_exporter
import discord
from chat_exporter.ext import emoji_convert
from discord.state import ConnectionState

corpus, page, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])

refused = []


async def there(_src):
    """It asks a host on the network whether it has a picture of each emoji; here the answer is yes, at once."""
    return True


emoji_convert.valid_src = there


def no_session(*_args, **_named):
    refused.append("a session")
    raise aiohttp.ClientError("no network")


aiohttp.ClientSession = no_session


class NoNetwork:
    """In place of discord.py's HTTP client."""

    async def get_message(self, _channel, _message):
        """It asks for messages of other channels that were forwarded: Discord's answer when there is none, at once."""
        raise discord.NotFound(SimpleNamespace(status=404, reason="Not Found"), "Unknown Message")

    def __getattr__(self, name):
        refused.append(name)
        raise RuntimeError("no network")


def make_state():
    state = ConnectionState(
        dispatch=lambda *_args: None,
        handlers={},
        hooks={},
        http=NoNetwork(),
        intents=discord.Intents.all(),
        max_messages=None,
    )
    state._get_client = lambda: None
    return state


async def render():
    with open(os.path.join(os.path.dirname(corpus), "server.json"), encoding="utf-8") as file:
        description = json.load(file)
    state = make_state()
    guild = state._add_guild_from_data(description)
    channel = guild.get_channel(int(description["channels"][0]["id"]))
    messages = []
    with open(corpus, encoding="utf-8") as file:
        for line in file:
            messages.append(discord.Message(state=state, channel=channel, data=json.loads(line)))
    # It expects the newest first, as Discord answers, and turns the list around.
    count = len(messages)
    messages.reverse()
    html = await chat_exporter.raw_export(channel, messages, guild=guild, support_dev=False, raise_exceptions=True)
    with open(page, "w", encoding="utf-8") as file:
        file.write(html)
    return count


def main():
    shortest, count = float("inf"), 0
    for _ in range(rounds):
        began = time.process_time()
        count = asyncio.run(render())
        shortest = min(shortest, time.process_time() - began)
    if refused:
        sys.exit(f"{len(refused)} requests, the first {refused[0]}")
    with open("/proc/self/status", encoding="ascii") as file:
        peak = int(re.search(r"VmHWM:\s*(\d+) kB", file.read())[1])
    print(json.dumps({"messages": count, "seconds": shortest, "bytes": os.path.getsize(page), "peak_kib": peak}))


main()
