import base64
import os

import pytest

from gateway.errors import Misconfigured
from gateway.store.dkim_keys import STRING_OCTETS, Made, Watched, generate, read, write, zone_line
from tests.makers import signing


def test_what_is_written_is_read(tmp_path):
    made = signing.made("rsa")
    write(tmp_path / "dkim", made)
    assert read(tmp_path / "dkim") == (made,)
    [path] = (tmp_path / "dkim").iterdir()
    assert path.stat().st_mode & 0o777 == 0o400


@pytest.mark.skipif(os.getuid() != 0, reason="needs root")
def test_those_who_sign_may_read_it_and_nobody_else(tmp_path):
    write(tmp_path / "dkim", signing.made("rsa"), group=65_534)
    [path] = (tmp_path / "dkim").iterdir()
    assert (path.stat().st_mode & 0o777, path.stat().st_gid) == (0o440, 65_534)
    assert ((tmp_path / "dkim").stat().st_mode & 0o777, (tmp_path / "dkim").stat().st_gid) == (
        0o750,
        65_534,
    )


def test_a_selector_serves_once(tmp_path):
    write(tmp_path, signing.made("rsa"))
    with pytest.raises(FileExistsError):
        write(tmp_path, signing.made("rsa"))
    assert len(list(tmp_path.iterdir())) == 1


def test_a_record_is_cut_into_strings_that_dns_takes():
    line = zone_line(signing.made("rsa"))
    name, *strings = line.split('"')
    assert name == "r1._domainkey.ch.example. IN TXT ( "
    assert all(len(one) <= STRING_OCTETS for one in strings)
    assert "".join(strings[0::2]) == signing.made("rsa").record
    assert len(strings[0::2]) == 2


def test_an_ed25519_record_has_the_bare_key():
    made = generate("ch.example", "e1", "ed25519", 0.0)
    assert len(base64.b64decode(made.public)) == 32  # RFC 8463, 4
    assert made.record.startswith("v=DKIM1; k=ed25519; p=")


@pytest.mark.parametrize(
    "written",
    [
        b"not json",
        b"[]",
        b'{"domain": "ch.example"}',
        b'{"domain": 1, "selector": "s", "algorithm": "rsa", "active_from": 0, "public": "", '
        b'"private": ""}',
        b'{"domain": "a", "selector": "s", "algorithm": "rsa", "active_from": "x", "public": "", '
        b'"private": ""}',
    ],
)
def test_what_is_no_key_is_told_and_not_quoted(tmp_path, written):
    (tmp_path / "x.json").write_bytes(written)
    with pytest.raises(Misconfigured, match="cannot be read as a DKIM key"):
        read(tmp_path)


def test_the_private_half_shows_in_no_repr():
    assert "PRIVATE" not in repr(signing.made("rsa"))


def test_a_folder_is_read_again_once_something_comes_or_goes(tmp_path):
    times = []

    def build():
        times.append(1)
        return read(tmp_path)

    watched: Watched[Made] = Watched(tmp_path, build)
    assert watched() == ()
    os.utime(tmp_path, ns=(1, 1))  # two changes within one tick of the clock would look like one
    write(tmp_path, signing.made("rsa"))
    assert watched() == (signing.made("rsa"),)
    assert watched() is watched()
    assert len(times) == 2


def test_a_broken_file_changes_nothing_while_it_runs_and_stops_the_start(tmp_path):
    write(tmp_path, signing.made("rsa"))
    watched = Watched(tmp_path, lambda: read(tmp_path))
    os.utime(tmp_path, ns=(1, 1))
    (tmp_path / "broken.json").write_text("?")
    assert watched() == (signing.made("rsa"),)
    with pytest.raises(Misconfigured):
        Watched(tmp_path, lambda: read(tmp_path))


def test_without_a_folder_there_is_no_key(tmp_path):
    assert list(Watched(tmp_path / "none", lambda: read(tmp_path / "none"))()) == []
