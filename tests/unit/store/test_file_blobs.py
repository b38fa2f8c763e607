"""What files alone promise: how they become durable, and what a failing disk leaves."""

import errno
import os

import pytest

from gateway.store.blobs import new_name
from gateway.store.file_blobs import FileBlobs


@pytest.mark.parametrize("failing", ["fsync", "write"])
def test_what_cannot_be_made_durable_is_not_left_behind(tmp_path, monkeypatch, failing):
    def fail(*_):
        raise OSError(errno.EIO, "failing disk")

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(OSError):
        FileBlobs(tmp_path).write("ab", [b"x"])
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_a_little_at_a_time_gets_it_all(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    FileBlobs(tmp_path).write("ab", [b"0123456789"])
    assert (tmp_path / "ab").read_bytes() == b"0123456789"


def test_the_file_is_synced_before_its_directory(tmp_path, monkeypatch):
    synced = []
    fsync = os.fsync

    def watch(descriptor):
        synced.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    FileBlobs(tmp_path).write("ab", [b"x"])
    assert synced == ["ab", tmp_path.name]


def test_only_old_ones_are_named(tmp_path):
    blobs = FileBlobs(tmp_path)
    old, new = new_name(), new_name()
    for name, written in ((old, 100.0), (new, 300.0), ("by hand.txt", 100.0)):
        blobs.write(name, [b""])
        os.utime(tmp_path / name, (written, written))
    assert list(blobs.older_than(200.0)) == [old]
    assert list(FileBlobs(tmp_path / "none").older_than(200.0)) == []


def test_the_room_that_is_left_is_told_once_there_is_a_folder(tmp_path):
    assert FileBlobs(tmp_path / "none").free() is None
    assert FileBlobs(tmp_path).free() > 0
