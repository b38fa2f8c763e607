import asyncio
import multiprocessing
import os
import signal
import socket

from gateway.receive.door import Door, DoorSettings
from tests.unit.receive.talk import Client, Journey, on_stage, play, spin


def test_a_stranger_is_told_and_left_before_it_can_say_anything():
    async def scene():
        async with on_stage(clients=("192.0.2.0/24",), help="Aide : poste 4512") as stage:
            client = await stage.client()
            assert await client.rest() == (
                "554 5.7.1 Cette machine n'a pas le droit d'envoyer par ce serveur. "
                "Aide : poste 4512\r\n"
            )
            told = ("client refused", {"door": "smtp", "client": "127.0.0.1"})
            assert stage.journey.events == [told]

    play(scene)


def test_a_stranger_that_does_not_wait_gets_nothing_more():
    async def scene():
        async with on_stage(clients=()) as stage:
            client = await stage.client()
            client.say("EHLO x", "MAIL FROM:<a@b.fr>", "RCPT TO:<b@b.fr>", "DATA", "x", ".")
            replies = await client.rest()
            assert "250" not in replies
            assert "354" not in replies
        assert not stage.journey.mails

    play(scene)


def test_a_client_with_too_many_connections_is_turned_away():
    async def scene():
        async with on_stage(connections_per_client=2) as stage:
            first = await stage.hello()
            await stage.hello()
            assert (await (await stage.client()).rest()).startswith("421 4.7.0")
            await first.ask("QUIT")
            assert await first.rest() == ""
            assert (await (await stage.client()).reply()).startswith("220")

    play(scene)


def test_a_full_door_lets_in_and_says_451_at_mail_until_there_is_room():
    async def scene():
        async with on_stage(connections=1) as stage:
            first, second = await stage.hello(), await stage.hello()
            assert (await second.ask("MAIL FROM:<a@b.fr>")).startswith("451 4.3.2")
            assert (await first.ask("MAIL FROM:<a@b.fr>")).startswith("250")
            await first.ask("QUIT")
            assert await first.rest() == ""
            assert (await second.ask("MAIL FROM:<a@b.fr>")).startswith("250")

    play(scene)


def test_closing_lets_the_mail_under_way_finish_and_leaves_idle_clients_at_once():
    async def scene():
        journey = Journey()
        journey.held = asyncio.Event()
        async with on_stage(journey) as stage:
            idle, busy, begun = [await stage.hello() for _ in range(3)]
            await begun.envelope()
            await busy.envelope()
            busy.say("x", ".")
            await journey.until(lambda: len(journey.mails) == 1)
            closing = asyncio.create_task(stage.door.close(grace=30))
            assert (await idle.rest()).startswith("421 4.3.2")
            journey.held.set()
            assert (await busy.rest()).startswith("250 2.0.0 Ok\r\n421 4.3.2")
            begun.say("x", ".")
            assert (await begun.rest()).startswith("250 2.0.0 Ok\r\n421 4.3.2")
            await closing
            assert journey.heard == [False, False]

    play(scene)


def test_closing_waits_for_the_orders_of_a_client_that_left():
    async def scene():
        journey = Journey()
        journey.held = asyncio.Event()
        async with on_stage(journey) as stage:
            client = await stage.hello()
            await client.envelope()
            client.say("x", ".")
            await journey.until(lambda: len(journey.mails) == 1)
            client.vanish()
            closing = asyncio.create_task(stage.door.close(grace=30))
            await asyncio.wait({closing}, timeout=0.05)
            assert not closing.done()
            journey.held.set()
            await closing
            assert journey.heard == [False]

    play(scene)


def test_closing_waits_until_the_last_answers_are_noted():
    async def scene():
        journey, noted = Journey(), asyncio.Event()

        async def slow_note(mail, heard):
            await noted.wait()
            await Journey.note(journey, mail, heard)

        journey.note = slow_note
        async with on_stage(journey) as stage:
            client = await stage.hello()
            await client.envelope()
            await client.ask("x\r\n.")
            closing = asyncio.create_task(stage.door.close())
            assert (await client.rest()).startswith("421")
            await spin()
            assert not closing.done()
            noted.set()
            await closing
            assert journey.heard == [False]

    play(scene)


def test_beyond_its_grace_closing_cuts_off_without_an_answer():
    async def scene():
        journey = Journey()
        journey.held = asyncio.Event()
        async with on_stage(journey) as stage:
            client = await stage.hello()
            await client.envelope()
            client.say("x", ".")
            await journey.until(lambda: len(journey.mails) == 1)
            await stage.door.close(grace=0.05)
            assert await client.rest() == ""
            assert journey.answered == []
            assert journey.finished == []

    play(scene)


def test_a_unix_socket_needs_no_list_of_clients(tmp_path):
    async def scene():
        path, journey = str(tmp_path / "door.sock"), Journey()
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(path)
        sock.listen()
        settings = DoorSettings("lmtp", "gw.example", clients=())
        door = Door(settings, journey.process, journey.note, event=journey.event)
        serving = asyncio.create_task(door.serve(sock))
        client = Client(*await asyncio.open_unix_connection(path))
        await client.reply()
        await client.ask("LHLO mx.example")
        await client.envelope()
        assert (await client.ask("x\r\n.")).startswith("250")
        assert b"from mx.example (localhost)" in journey.mails[0].trace
        await door.close()
        await serving
        client.vanish()
        sock.close()

    play(scene)


def test_a_door_may_listen_on_several_sockets():
    async def scene():
        async with on_stage() as stage:
            second = socket.create_server(("127.0.0.1", 0))
            serving = asyncio.create_task(stage.door.serve(second))
            client = Client(*await asyncio.open_connection(*second.getsockname()))
            assert (await client.reply()).startswith("220")
            await stage.hello()
            client.vanish()
            await stage.door.close()
            await serving
            second.close()

    play(scene)


def _serve(sock: socket.socket) -> None:
    async def main() -> None:
        journey = Journey()
        settings = DoorSettings("smtp", f"pid{os.getpid()}.example")
        await Door(settings, journey.process, journey.note, event=journey.event).serve(sock)

    asyncio.run(main())


def test_several_processes_accept_on_the_same_socket_and_one_may_die():
    async def scene():
        sock = socket.create_server(("127.0.0.1", 0))
        fork = multiprocessing.get_context("fork")
        doors = [fork.Process(target=_serve, args=(sock,), daemon=True) for _ in range(2)]
        for door in doors:
            door.start()

        async def greeting():
            client = Client(*await asyncio.open_connection(*sock.getsockname()))
            said = await client.reply()
            client.vanish()
            return said

        try:
            names = {f"220 pid{door.pid}.example ESMTP Vaguemestre" for door in doors}
            assert {await greeting() for _ in range(40)} <= names
            os.kill(doors[0].pid, signal.SIGKILL)
            await asyncio.to_thread(doors[0].join)
            left = {f"220 pid{doors[1].pid}.example ESMTP Vaguemestre"}
            assert {await greeting() for _ in range(20)} == left
        finally:
            for door in doors:
                door.kill()
                await asyncio.to_thread(door.join)
            sock.close()

    play(scene)
