/* journal.c - tradsys-inspect journal. */
#include <inttypes.h>
#include <stdio.h>
#include <tradsys/journal.h>

#include "inspect/inspect.h"
#include "journal/fields.h"
#include "journal/files.h"
#include "replay/json.h"
#include "replay/progress.h"
#include "replay/source.h"

/* What was found, in a segment or in all of them. */
typedef struct sums {
    uint64_t frames;
    uint64_t commands;
    uint64_t checks;
    uint64_t first; /* command; 0: none */
    uint64_t last;
} sums;

static void count(sums *to, const trd_journal_frame *frame) {
    to->frames++;
    to->commands += frame->count;
    to->checks += frame_check(frame) != NULL;
    if (frame->count > 0) {
        to->first = to->first == 0 ? frame->seq : to->first;
        to->last = frame->seq + frame->count - 1;
    }
}

/* --- lines ------------------------------------------------------------------------------------ */

static void frame_text(const trd_journal_frame *frame, const frame_place *place) {
    const trd_journal_check *check = frame_check(frame);
    printf("frame segment=%" PRIu64 " byte=%" PRIu64 " seq=%" PRIu64 " time=%" PRId64
           " count=%" PRIu32 " payload=%" PRIu32 " synced=%" PRIu64 " before=%016" PRIx64
           " hash=%016" PRIx64,
        place->in->number, place->at, frame->seq, frame->time, frame->count, frame->payload,
        frame->synced, frame->before, frame->hash);
    if (check != NULL) {
        printf(" + CHECK seq=%" PRIu64 " time=%" PRId64 " events=%" PRIu64 " digest=%016" PRIx64,
            check->seq, check->time, check->events, check->digest);
    }
    putchar('\n');
}

static json line_begin(const char *record) {
    json out = {.out = stdout};
    json_open(&out, NULL, '{');
    json_text(&out, "record", record);
    return out;
}

static void line_end(json *out) {
    json_close(out, '}');
    putchar('\n');
}

static void frame_json(const trd_journal_frame *frame, const frame_place *place) {
    const trd_journal_check *check = frame_check(frame);
    json out = line_begin("frame");
    json_count(&out, "segment", place->in->number);
    json_count(&out, "byte", place->at);
    json_count(&out, "seq", frame->seq);
    json_int(&out, "time", frame->time);
    json_count(&out, "count", frame->count);
    json_count(&out, "payload", frame->payload);
    json_count(&out, "synced", frame->synced);
    json_hash(&out, "before", frame->before);
    json_hash(&out, "hash", frame->hash);
    if (check != NULL) {
        json_open(&out, "check", '{');
        json_count(&out, "seq", check->seq);
        json_count(&out, "events", check->events);
        json_hash(&out, "digest", check->digest);
        json_close(&out, '}');
    }
    line_end(&out);
}

static void tell_frame(
    const inspect_arguments *args, const trd_journal_frame *frame, const frame_place *place) {
    if (args->frames) {
        (args->json ? frame_json : frame_text)(frame, place);
    }
    const trd_command *command = NULL;
    while (args->commands && (command = frame_command(frame, command)) != NULL) {
        record_line(stdout, command, command->slots, RECORD_COMMAND, args->json);
    }
}

static void sums_text(const sums *of) {
    printf("frames %" PRIu64 ", commands %" PRIu64, of->frames, of->commands);
    if (of->commands > 0) {
        printf(" (%" PRIu64 " to %" PRIu64 ")", of->first, of->last);
    }
    printf(", checkpoints %" PRIu64 "\n", of->checks);
}

static void sums_json(json *out, const sums *of) {
    json_count(out, "frames", of->frames);
    json_count(out, "commands", of->commands);
    json_count(out, "first", of->first);
    json_count(out, "last", of->last);
    json_count(out, "checkpoints", of->checks);
}

/* How the segment at index `at` ended by itself; "" where that is not known. */
static const char *stop_of(const journal *of, uint32_t at) {
    const trd_journal_report *stop = &of->stops[at];
    return stop->number == of->segments[at].number ? trd_journal_outcome_text(stop->outcome) : "";
}

static void tell_segment(
    const inspect_arguments *args, const journal *all, uint32_t at, const sums *of) {
    const segment *in = &all->segments[at];
    const trd_journal_report *stop = &all->stops[at];
    const char *ended = stop_of(all, at);
    trd_journal_head head = {0};
    const bool headed = trd_journal_head_check(in->data, in->size, &head) == TRD_OK;
    if (args->json) {
        json out = line_begin("segment");
        json_count(&out, "number", in->number);
        json_text(&out, "file", in->path);
        json_bool(&out, "head", headed);
        json_hash(&out, "id", head.id);
        json_count(&out, "size", head.size);
        json_count(&out, "file_size", in->size);
        json_text(&out, "stop", ended);
        json_count(&out, "stop_byte", ended[0] != '\0' ? stop->at : 0);
        sums_json(&out, of);
        line_end(&out);
        return;
    }
    printf("segment %" PRIu64 ": ", in->number);
    if (headed) {
        printf("id %016" PRIx64 ", %" PRIu64 " bytes", head.id, head.size);
    } else {
        printf("without a whole head");
    }
    if (!headed || head.size != in->size) {
        printf(" (the file has %" PRIu64 ")", in->size);
    }
    if (ended[0] != '\0' && stop->outcome != TRD_JOURNAL_CLEAN) {
        printf(", %s at byte %" PRIu64, ended, stop->at);
    }
    printf(", ");
    sums_text(of);
}

static void tell_end(
    const inspect_arguments *args, const trd_journal_report *report, const sums *of) {
    if (args->json) {
        json out = line_begin("journal");
        json_text(&out, "outcome", trd_journal_outcome_text(report->outcome));
        json_count(&out, "segment", report->number);
        json_count(&out, "byte", report->at);
        json_count(&out, "frames_behind", report->behind);
        sums_json(&out, of);
        line_end(&out);
        return;
    }
    printf("journal: %s, ends in segment %" PRIu64 " at byte %" PRIu64 ", ",
        trd_journal_outcome_text(report->outcome), report->number, report->at);
    if (report->behind > 0) {
        printf("whole frames behind it %" PRIu64 ", ", report->behind);
    }
    sums_text(of);
}

/* --- the walk --------------------------------------------------------------------------------- */

typedef struct looking {
    const inspect_arguments *args;
    progress bar;
    sums all;
    sums here;         /* in the segment below */
    const segment *in; /* NULL: none yet */
} looking;

/* Segments up to the one at index `at`, which is not told yet, are finished. */
static void finish_segments(looking *l, const journal *of, uint32_t at) {
    uint32_t i = l->in != NULL ? (uint32_t)(l->in - of->segments) : 0;
    for (; i < at; i++) {
        tell_segment(l->args, of, i, &l->here);
        l->here = (sums){0};
    }
    l->in = &of->segments[at];
}

static int look(looking *l, const journal *of) {
    cursor at = cursor_begin(of, 0);
    const trd_journal_frame *frame;
    frame_place place;
    int result;
    while ((result = cursor_next(&at, &frame, &place)) == 1) {
        finish_segments(l, of, at.at);
        count(&l->here, frame);
        count(&l->all, frame);
        tell_frame(l->args, frame, &place);
        progress_at(&l->bar, (size_t)(cursor_done(&at) + place.at));
    }
    progress_end(&l->bar);
    /* After damage the segments behind are not known to be any of the journal's. */
    const uint32_t last = at.at < of->count ? at.at : of->count - 1;
    finish_segments(l, of, last);
    tell_segment(l->args, of, last, &l->here);
    trd_journal_report report;
    const int ended = cursor_end(&at, &report);
    tell_end(l->args, &report, &l->all);
    if (ended == TRD_OK) {
        return EXIT_DONE;
    }
    return complain(of->path, 0, "the journal is damaged: segment %" PRIu64 ", byte %" PRIu64,
        report.number, report.at);
}

int inspect_journal(const inspect_arguments *args) {
    journal of;
    int result = journal_open(&of, args->paths[0]);
    if (result == EXIT_DONE) {
        looking l = {.args = args};
        l.bar = progress_begin(of.size, !args->quiet && !args->frames && !args->commands);
        result = look(&l, &of);
        journal_close(&of);
    }
    return result;
}
