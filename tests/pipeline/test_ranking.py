import json
from pathlib import Path

import pytest

from newsletter.errors import FileFault
from newsletter.pipeline.ranking import past_issues, replay_ranking
from tests.classify.contending import past


def lines(issues: int) -> str:
    rows = []
    for number, (pool, picked) in enumerate(past(issues)):
        for one in pool.contenders:
            rows.append(
                {
                    "issue": str(number),
                    "issue_date": f"{2000 + number // 12}-{number % 12 + 1:02}-01",
                    "thread_id": one.id,
                    "title": one.title,
                    "list": one.source,
                    "starter": one.starter,
                    "authors": list(one.people),
                    "posts_in_window": one.posts,
                    "people_in_window": one.people_count,
                    "posts_total_before": one.all_posts,
                    "people_total_before": one.all_people,
                    "first_author_posts_before": one.starter_posts,
                    "days_since_first": one.age_days,
                    "picked": one.id in picked,
                }
            )
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_what_is_learned_beats_the_rule(tmp_path: Path) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text(lines(50))
    learned, by_rule = replay_ranking(path), replay_ranking(path, rule_only=True)
    assert set(learned) == {"average_precision", "recall_at_k", "recall_at_2k", "auc", "issues"}
    assert learned["issues"] == by_rule["issues"] == 30
    assert learned["average_precision"] > by_rule["average_precision"] + 0.1
    assert replay_ranking(path) == learned


def test_notes_about_the_label_change_nothing(tmp_path: Path) -> None:
    plain, noted = tmp_path / "plain.jsonl", tmp_path / "noted.jsonl"
    plain.write_text(lines(25))
    rows = [json.loads(line) for line in lines(25).splitlines()]
    more = [{**row, "picked_section": "News" if row["picked"] else "", "old_link": row["picked"]} for row in rows]
    noted.write_text("".join(json.dumps({**row, "link_how": str(row["picked"])}) + "\n" for row in more))
    assert replay_ranking(plain) == replay_ranking(noted)


def test_issues_come_in_the_order_of_their_dates(tmp_path: Path) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text("".join(reversed(lines(4).splitlines(keepends=True))))
    assert [issue.name for issue in past_issues(path)] == ["0", "1", "2", "3"]


def test_a_file_with_nothing_to_measure_and_a_line_without_title(tmp_path: Path) -> None:
    path = tmp_path / "past.jsonl"
    path.write_text(lines(5))
    with pytest.raises(FileFault, match="no issue after the first 20 has a pick"):
        replay_ranking(path)
    path.write_text('{"issue": "1", "issue_date": "2020-01-01"}\n')
    with pytest.raises(FileFault, match=r'past\.jsonl:1: "title" must be a text, not null'):
        replay_ranking(path)
