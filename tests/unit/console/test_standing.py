"""The figures of a queue that stands open: what they tell, and that they keep no session alive."""

from gateway.store.bypass import Bypass
from gateway.store.sessions import IDLE_SECONDS
from tests.unit.console.conftest import post


def test_an_open_queue_learns_what_came_since_it_was_made(console, run):
    async def walk():
        await console.hold("AAAA-0001")
        browser = await console.signed_in("claire", "officer")
        made = console.store.now
        assert "nouveau" not in (await browser.get(f"/etat?depuis={made}")).text
        console.store.now += 60
        await console.hold("AAAA-0002")
        await console.hold("AAAA-0003")
        page = (await browser.get(f"/etat?depuis={made}")).text
        assert "2 nouveaux dossiers" in page
        assert "<strong>3</strong> en attente" in page
        other = await console.signed_in("medecin", "officer", compartments=("medical",))
        page = (await other.get(f"/etat?depuis={made}")).text
        assert "nouveau" not in page
        assert "<strong>0</strong> en attente" in page

    run(walk())


def test_a_made_up_moment_is_none(console, run):
    async def walk():
        await console.hold()
        browser = await console.signed_in("claire", "officer")
        for moment in ("", "hier", "1e999", "nan"):
            answer = await browser.get("/etat", params={"depuis": moment})
            assert answer.status_code == 200
            assert "nouveau" not in answer.text

    run(walk())


def test_a_script_that_asks_keeps_no_session_alive(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        end = console.store.now + IDLE_SECONDS
        while console.store.now < end:
            assert (await browser.get("/etat")).status_code == 200
            console.store.now += 600
        console.store.now = end + 1
        assert (await browser.get("/etat")).status_code == 303

    run(walk())


def test_figures_may_be_remembered_and_a_ruling_makes_them_anew(console, run):
    async def walk():
        console.desk.queue._remember = 3600.0
        first, _ = await console.hold("AAAA-0001"), await console.hold("AAAA-0002")
        browser = await console.signed_in("claire", "officer")
        assert "<strong>2</strong> en attente" in (await browser.get("/")).text
        await console.hold("AAAA-0003")
        assert "<strong>2</strong> en attente" in (await browser.get("/")).text
        data = {"quoi": "release", "motif_release": "false_alarm"}
        await post(browser, f"/dossiers/{first}/decision", data, f"/dossiers/{first}")
        assert "<strong>2</strong> en attente" in (await browser.get("/")).text, "3, less this one"
        assert (await console.desk.queue.standing()).rules == (("health/nir-external", 2),)

    run(walk())


def test_everybody_who_is_signed_in_sees_that_mail_goes_past_the_gateway(console, run):
    async def walk():
        bypass = Bypass(console.store.database, console.store.public, clock=console.store.clock)
        officer = await console.signed_in("claire", "officer")
        admin = await console.signed_in("root", "admin")
        said = "Sans contrôle depuis le"
        assert said not in (await officer.get("/")).text
        await bypass.begin("exploitant", "panne")
        for browser, path in ((officer, "/"), (officer, "/regles"), (admin, "/comptes")):
            assert said in (await browser.get(path)).text, path
        assert said not in (await console.browser().get("/entree")).text, "strangers are not told"
        await bypass.end("exploitant")
        assert said not in (await officer.get("/")).text
        assert "(exploitant)" in (await admin.get("/sante")).text, "it stays on record"
        assert "passerelle contournée" in (await officer.get("/registre")).text

    run(walk())
