import errno
import os

import pytest

from gateway.store.blobs import Blobs, new_name


def test_a_blob_comes_back_and_goes(tmp_path):
    blobs, name = Blobs(tmp_path / "new"), new_name()
    blobs.write(name, [b"one ", b"two"])
    assert blobs.exists(name)
    assert blobs.open(name).read() == b"one two"
    assert blobs.delete([name, new_name()]) == 1
    assert not blobs.exists(name)


def test_a_name_is_never_written_twice(tmp_path):
    blobs = Blobs(tmp_path)
    blobs.write("ab", [b"first"])
    with pytest.raises(FileExistsError):
        blobs.write("ab", [b"second"])
    assert blobs.open("ab").read() == b"first"


@pytest.mark.parametrize("failing", ["fsync", "write"])
def test_what_cannot_be_made_durable_is_not_left_behind(tmp_path, monkeypatch, failing):
    def fail(*_):
        raise OSError(errno.EIO, "failing disk")

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(OSError):
        Blobs(tmp_path).write("ab", [b"x"])
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_a_little_at_a_time_gets_it_all(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    Blobs(tmp_path).write("ab", [b"0123456789"])
    assert (tmp_path / "ab").read_bytes() == b"0123456789"


def test_the_file_is_synced_before_its_directory(tmp_path, monkeypatch):
    synced = []
    fsync = os.fsync

    def watch(descriptor):
        synced.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    Blobs(tmp_path).write("ab", [b"x"])
    assert synced == ["ab", tmp_path.name]


def test_only_old_ones_are_named(tmp_path):
    blobs = Blobs(tmp_path)
    for name, written in (("old", 100.0), ("new", 300.0)):
        blobs.write(name, [b""])
        os.utime(tmp_path / name, (written, written))
    assert list(blobs.older_than(200.0)) == ["old"]
    assert list(Blobs(tmp_path / "none").older_than(200.0)) == []
