"""What `openpgp` of the configuration builds: nothing more than it says."""

from __future__ import annotations

import structlog

from gateway.config import Config
from gateway.means import openpgp_parts
from gateway.means.found_keys import FoundKeys
from gateway.store.keys import load_hmac, make_keys
from tests.makers import openpgp as keys

MARIE = "marie@cabinet.example"
LOG = structlog.get_logger()


def config(folder, **told):
    written = {"domains": ["ch.example"], "openpgp": told, "arc": {"resolvers": ["127.0.0.1"]}}
    return Config.model_validate(written, context={"base": folder})


def test_silence_builds_nothing(tmp_path):
    assert openpgp_parts.keyring(config(tmp_path)) is None
    assert openpgp_parts.search(config(tmp_path), LOG) is None


def test_a_folder_alone_asks_nobody(tmp_path):
    (tmp_path / "marie.asc").write_text(str(keys.public(MARIE)))
    told = config(tmp_path, keys=str(tmp_path))
    assert openpgp_parts.keyring(told).find(MARIE)
    assert openpgp_parts.search(told, LOG) is None


def test_what_was_found_is_used_only_where_it_is_wanted(tmp_path):
    told = config(tmp_path, wkd=True)
    make_keys(told.keys)
    place = FoundKeys(told.data / "openpgp", load_hmac(told.keys), "wkd")
    place.keep(MARIE, bytes(keys.public(MARIE)), 60.0)
    assert openpgp_parts.keyring(told).find(MARIE)
    assert openpgp_parts.keyring(config(tmp_path, autocrypt=True)).find(MARIE) is None


def test_each_search_only_where_it_is_wanted(tmp_path):
    make_keys(config(tmp_path).keys)
    published = openpgp_parts.search(config(tmp_path, wkd=True), LOG)
    assert (published.site is None, published.resolver is None) == (False, True)
    received = openpgp_parts.search(config(tmp_path, autocrypt=True), LOG)
    assert (received.site is None, received.resolver is None) == (True, False)


def test_without_the_key_of_the_store_the_folder_still_serves(tmp_path):
    told = config(tmp_path, keys=str(tmp_path), wkd=True)
    (tmp_path / "marie.asc").write_text(str(keys.public(MARIE)))
    assert openpgp_parts.keyring(told).find(MARIE)
    assert openpgp_parts.search(told, LOG) is None


def test_nobody_in_the_space_is_asked_for(tmp_path):
    """That way is no channel of his, and his address may be a number of his."""
    written = {
        "domains": ["ch.example"],
        "openpgp": {"wkd": True},
        "mssante": {"domains": ["*.mssante.example"]},
    }
    told = Config.model_validate(written, context={"base": tmp_path})
    make_keys(told.keys)
    left_out = openpgp_parts.search(told, LOG).ours
    assert left_out("1@patient.mssante.example")
    assert left_out("a@ch.example")
    assert not left_out(MARIE)
