"""Environment, assumptions and coverage in HTML."""

from __future__ import annotations

from collections.abc import Iterable

from brownout.audit.data import Client, Coverage, Evidence, Inventory, State, Topic
from brownout.render.audit.markup import items, place, prose, text


def section(inventory: Inventory) -> str:
    """The stack, the six questions, every external call, what could not be seen."""
    stack = _table(
        ("Part", "Version", "Role", "Seen at"),
        (
            (
                text(one.name),
                text(one.version or "not pinned"),
                text(one.role),
                place(one.evidence.path, one.evidence.line),
            )
            for one in inventory.stack
        ),
    )
    topics = "".join(_topic(topic) for topic in inventory.topics)
    names = ("Dependency", "Call", "At", "Limit", "Who says so", "Tried again")
    clients = _table(names, (_client(one) for one in inventory.clients))
    return (
        '<h2 id="environment">Environment &amp; assumptions</h2><details class="file"><summary>Tech stack: '
        f"{len(inventory.stack)} "
        f"parts</summary>{stack}</details>{topics}<h3>Every external call and its limit</h3>{clients}"
        f"<h3>Assumptions, and what could not be seen</h3>{items(prose(one) for one in inventory.unseen)}"
    )


def _topic(topic: Topic) -> str:
    state = topic.state.value
    needs = f"<p><strong>{State.NEEDS.value}:</strong> {prose(topic.needs)}.</p>" if topic.needs else ""
    advice = f'<p class="best">Best practice: {prose(topic.advice)}</p>' if topic.advice else ""
    return (
        f'<div class="topic"><h3>{text(topic.title)}: <span class="state {state.partition(" ")[0]}">{state}</span></h3>'
        f"<p>{prose(topic.summary)}</p>{items(_evidence(one) for one in topic.evidence)}{needs}{advice}</div>"
    )


def _evidence(one: Evidence) -> str:
    told = prose(one.text) if "`" in one.text else f"<code>{text(one.text)}</code>"
    return f"{place(one.path, one.line)} {told}"


def _client(one: Client) -> tuple[str, ...]:
    limit = f"{one.limit} s" if one.limit.replace(".", "").isdigit() else one.limit
    state = one.state.value
    who = (
        '<span class="state '
        f'{state.partition(" ")[0]}">{"" if one.state is State.FOUND else state + ": "}{text(one.origin)}</span>'
    )
    where = f' <span class="path">{text(one.decided_at)}</span>' if one.decided_at else ""
    call = f"<code>{text(one.call.replace('`', ''))}</code>"
    at = place(one.path, one.line)
    return (text(one.dependency), call, at, text(limit or "none"), who + where, prose(one.retries or "no"))


def _table(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def coverage(found: tuple[Coverage, ...]) -> str:
    """All sub-sections, by area."""
    parts: list[str] = ['<h2 id="coverage">Coverage</h2>']
    area = ""
    for one in found:
        if one.area != area:
            parts.append("</div>" if area else "")
            area = one.area
            parts.append(f'<h3>{one.section[0]}) {text(area)}</h3><div class="coverage">')
        tag = {"findings": "findings", "clean": "clean", "needs confirmation": "needs"}.get(one.status, "")
        links = ", ".join(f'<a href="#{id_}">{id_}</a>' for id_ in one.issues)
        rules = (
            f'<p class="soft">Rules: {", ".join(f"<code>{text(name)}</code>" for name in one.rules)}</p>'
            if one.rules
            else ""
        )
        parts.append(
            f'<section><h3>{one.section[1]}) {text(one.title)} <span class="tag {tag}">{one.status}</span></h3>'
            f'<p class="soft">Looked for: {text(one.looked_for)}.</p><p>{prose(one.result)} '
            f"{links}</p>{rules}</section>"
        )
    return "".join(parts) + ("</div>" if area else "")
