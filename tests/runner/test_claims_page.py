"""The page of all claims: judged ones with their evidence, the others as not run, filtered without a network."""

import dataclasses
import json
import re
from html import unescape

import pytest

from tests.runner.made_reports import metrics, write_report
from vdlab.report import claim_markup, claim_rules, ledger
from vdlab.runner import chapter_content, claims_page, manifest, pages, verification

LEDGER = ledger.read_ledger()


def chapter(name, *claims, failure=""):
    told = {"claims": [*claims], "records": [], "figures": {}}
    blank = dict.fromkeys(("english", "chinese", "lede", "question", "body", "cover"), "")
    return chapter_content.Chapter(name, name[:2], contents=[], chips=[], records=told, failure=failure, **blank)


def judged(name, **numbers):
    told = ledger.judge_claim(name, "It was measured.", numbers, chapter=f"{LEDGER[name].chapter}_x")
    return told | {"see": "curve"}


@pytest.fixture
def chapters():
    first = chapter("01_keyframes", judged("players-interpolate", stored=9), judged("mse-formula", gap=0.0))
    own = {"english": "It moves", "holds": "1 > 0"}
    mine = chapter("mine", ledger.judge_claim("moves", "Seen.", {}, chapter="mine", own=own) | {"see": ""})
    failed = chapter("02_features", failure="It ended.")
    return [first, failed, dataclasses.replace(mine, number="")]


def test_every_claim_of_the_ledger_is_on_the_page_and_a_readers_own_after_them(chapters):
    html = pages.claims_html("holiday", pages.surroundings(chapters))
    anchors = re.findall(r'<div class="vd-claim [^"]*" id="([^"]+)"', html)
    assert anchors == [*LEDGER, "moves"]
    assert html.count("· not run</b>") == len(LEDGER) - 2
    assert '<a href="01_keyframes.html#curve">figure</a>' in html
    assert "Chapter 02 ended before it." in html
    assert "Chapter 11 has not been run." in html
    for entry in LEDGER.values():
        assert entry.chinese in html


def test_the_index_counts_verdicts_and_leads_to_the_page(chapters):
    counts = claims_page.tally(chapters)
    assert counts == {"holds": 2, "holds if": 0, "wrong": 1, "not tested": 0, "not testable": 0} | {
        "not run": len(LEDGER) - 2
    }
    assert claims_page.tally([chapter("02_features")]) == {}


def test_a_claim_is_shown_with_section_basis_condition_and_rule():
    told = judged("key-frame-before-join", missed=3, missed_after=3)
    html = unescape(claim_markup.claim_html(told, all_claims="claims.html"))
    assert "<b>◐ holds if</b>" in html
    assert '<a href="claims.html#key-frame-before-join">§4.1</a>' in html
    assert LEDGER["key-frame-before-join"].condition in html
    assert "measured on this clip · holds: missed == 0; holds if: missed <= missed_after; else wrong" in html
    assert "here missed = 3, missed_after = 3" in html
    html = unescape(claim_markup.claim_html(judged("key-frame-before-join", missed=0, missed_after=0)))
    assert LEDGER["key-frame-before-join"].condition not in html  # it holds without one
    assert "from literature · each project" in claim_markup.claim_html(judged("tools"))
    assert claim_markup.how_judged(judged("forecasts")).startswith("forecasts without")
    told = ledger.judge_claim("cnn-features", "", {}, chapter="02_x", untested="There is none.")
    assert claim_markup.how_judged(told) == "holds: trained > by_hand; else wrong"  # nothing was measured


def test_two_notebooks_that_judge_one_claim_have_an_anchor_each():
    both = [chapter(name, judged("mse-formula", gap=gap)) for name, gap in (("01_keyframes", 0.0), ("01_copy", 9.0))]
    html = pages.claims_html("n", pages.surroundings(both))
    assert html.count('id="mse-formula"') == 1
    assert html.count('id="mse-formula-2"') == 1


def test_a_report_from_before_claims_had_rules_is_read_and_its_verdicts_stand(tmp_path):
    report = write_report(tmp_path / "own")
    told = manifest.read_metrics(report)["chapters"]["01_tiny"]["claims"][0]
    assert "holds" not in told  # its fields are the former five
    assert claim_rules.due_verdict(told) == told["verdict"]
    assert "Frames are bright" in claim_markup.claim_html(told)
    found = verification.tampered_files(report, manifest.read_run(report))
    assert not [d for d in found if "its rule and numbers" in d.what]


def test_a_verdict_that_its_rule_does_not_give_speaks_against_a_report(tmp_path):
    report = write_report(tmp_path / "own")
    told = metrics()
    told["chapters"]["01_tiny"]["claims"] = [judged("mse-formula", gap=0.0) | {"verdict": "wrong"}]
    (report / "metrics.json").write_text(json.dumps(told), "utf8")
    found = verification.tampered_files(report, manifest.read_run(report))
    assert [d.what for d in found if "rule" in d.what] == [
        "is said to be 'wrong', but its rule and numbers give 'holds'"
    ]


@pytest.mark.parametrize(
    "field, value",
    [
        ("holds", "__import__('os').system('x')"),
        ("holds", "a" * 400),
        ("holds_if", 3),
        ("numbers", [1]),
        ("numbers", {"a b": 1}),
        ("numbers", {"a": "many"}),
        ("numbers", {"a": 10**400}),
        ("basis", "hearsay"),
        ("id", '"><script>'),
        ("verdict", "not run"),
        ("untested", 1),
    ],
)
def test_a_claim_of_a_strangers_report_obeys_its_rules(tmp_path, field, value):
    report = write_report(tmp_path / "own")
    told = metrics()
    told["chapters"]["01_tiny"]["claims"] = [judged("mse-formula", gap=0.0) | {field: value}]
    (report / "metrics.json").write_text(json.dumps(told), "utf8")
    with pytest.raises(manifest.VdlabError, match="is damaged"):
        manifest.read_metrics(report)
