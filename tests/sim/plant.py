#!/usr/bin/env python3
"""plant.py FAULT SOURCE OUT - a copy of a source of the library with a fault planted in it.

A simulation that is linked with such a copy must find the fault within some seeds (meson.build):
else it does not see what it is made to see. Each text that is exchanged stands once in the
source, white space counting as one space. Where it does not any more the copy does not compile:
then this list has to be brought up to the source. There is no #line in a copy: what is counted in
it (coverage) is not the library's.
"""
import re
import sys
from pathlib import Path

FAULTS = {
    # lib/io/writer.c
    "acknowledges_before_the_sync": [
        (".syncing = w->mode == TRD_JOURNAL_SYNC || w->urgent", ".syncing = w->urgent"),
        ("w->mode == TRD_JOURNAL_SYNC ? w->seen.durable : w->seen.written", "w->seen.written"),
    ],
    "drops_frames_where_segments_change": [
        ("w->fd = trd__maker_hand_over(m);",
         "w->fd = trd__maker_hand_over(m); batch *b = &w->batches[w->filling];"
         " w->place.seq = b->last_seq + 1;"
         " *b = (batch){.bytes = b->bytes, .last_seq = b->last_seq};"),
    ],
    "leaves_a_full_segment_unsynced": [
        ("return w->place.synced < w->place.at ? start_sync(w) : turn(w);", "return turn(w);"),
    ],
    "tries_a_failed_sync_again": [
        ("k->sync_result == -ECANCELED", "k->sync_result < 0"),
    ],
    # lib/io/gate.c
    "gives_an_event_twice_after_recovery": [
        ("event->seq > s->def.last", "event->seq >= s->def.last"),
    ],
    "gives_events_before_they_are_acknowledged": [
        ("if (mark.seq > atomic_load", "if (mark.seq > 1 + atomic_load"),
    ],
    "forgets_a_level_that_has_no_room": [
        ("trd__conflate_add(s->table, event);", "(trd__conflate_add(s->table, event) || true);"),
    ],
    # lib/io/recover.c
    "skips_a_command_of_the_tail": [
        ("seq < end && seq <= r->from; seq++", "seq < end && seq <= r->from + (r->from > 0); seq++"),
    ],
    # lib/io/shot.c
    "names_a_snapshot_without_a_sync": [
        ("return sync_file(node, node->directory, seq, fault);", "return TRD_OK;"),
    ],
    "removes_segments_that_are_needed": [
        ("def.seq = oldest + 1;", "def.seq = UINT64_MAX;"),
    ],
    "removes_snapshots_that_somebody_needs": [
        ("confirmed == UINT64_MAX || !is_behind", "true || !is_behind"),
    ],
    # lib/io/node.c
    "names_a_snapshot_before_its_commands": [
        ("result = await_flush(n);", "(void)await_flush; result = TRD_OK;"),
    ],
    # lib/match/enter.c
    "takes_an_id_twice": [
        ("if (trd__map_find(&match->ids, trd__id_slots(match), e->home, order->client_id,"
         " command->account) != TRD_MAP_NONE) { return TRD_REJECT_DUPLICATE_ID;",
         "if (order->client_id >> 40 == 0 && trd__map_find(&match->ids, trd__id_slots(match),"
         " e->home, order->client_id, command->account) != TRD_MAP_NONE) {"
         " return TRD_REJECT_DUPLICATE_ID;"),
    ],
    # lib/acct/hold.c
    "keeps_what_an_order_held": [
        ("lock(&b, purse, entry, hold, -hold->amount); hold->amount = 0;", "hold->amount = 0;"),
    ],
    # lib/engine/image.c
    "leaves_a_field_out_of_snapshots": [
        ("BLANK_FIELD(image, base, trd_match, taker);",
         "BLANK_FIELD(image, base, trd_match, taker);"
         " BLANK_FIELD(image, base, trd_match, kill_count);"),
    ],
}


def pattern(text):
    return re.compile(r"\s+".join(re.escape(word) for word in text.split()))


def plant(text, faults):
    """The text with the faults, or None and what is wrong."""
    for old, new in faults:
        found = pattern(old).findall(text)
        if len(found) != 1:
            return None, f"stands {len(found)} times: {old}"
        text = text.replace(found[0], new)
    return text, ""


def main():
    name, source, out = sys.argv[1:]
    text, wrong = plant(Path(source).read_text(), FAULTS[name])
    if text is None:
        text = f'#error "tests/sim/plant.py, {name}: {wrong}"\n'
    Path(out).write_text(text)


if __name__ == "__main__":
    main()
