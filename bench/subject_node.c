/* subject_node.c - see subject_node.h. */
#include "subject_node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tradsys/snapshot.h>

#include "bench.h"
#include "scratch.h"
#include "subject_money.h"

const node_subject node_subjects[NODE_SUBJECTS] = {
    {"engine", 0, false},
    {"engine+journal-async", TRD_JOURNAL_LAZY, false},
    {"engine+journal-sync", TRD_JOURNAL_SYNC, false},
    {"engine+journal-written", TRD_JOURNAL_WRITTEN, true},
};

const node_subject *node_find(const char *name) {
    for (int i = 0; i < NODE_SUBJECTS; i++) {
        if (strcmp(node_subjects[i].name, name) == 0) {
            return &node_subjects[i];
        }
    }
    return NULL;
}

static _Noreturn void give_up(const char *who, const char *what) {
    fprintf(stderr, "bench: %s: %s\n", who, what);
    exit(2);
}

static void must(const char *what, int result) {
    if (result < 0) {
        give_up(what, trd_result_text(result));
    }
}

/* Names what differs. */
static bool same(const char *who, const char *what, uint64_t got, uint64_t wanted) {
    if (got != wanted) {
        fprintf(stderr, "bench: %s: %s is %llu, not %llu\n", who, what, (unsigned long long)got,
            (unsigned long long)wanted);
    }
    return got == wanted;
}

/* --- What a bare engine makes of it ----------------------------------------------------------- */

static trd_ns time_of(const money *load) {
    return load->commands[load->warm - 1].time;
}

static bool has_executed(const char *who, const trd_engine *engine, const money *load) {
    trd_match_stats stats;
    trd_match_stats_get(trd_engine_match(engine), &stats);
    bool right = same(who, "executions", stats.executions, load->end.executions);
    right &= same(who, "live orders", stats.orders, load->end.resting);
    return right;
}

/* Executes the load on a copy of the engine, one command after the other. */
static void execute(node_flow *f, trd_engine *engine) {
    static trd_event events[TRD_ENGINE_OUT_MIN];
    node_seen seen = {.hashes = true};
    for (size_t i = 0; i < f->ops; i++) {
        trd_command command = f->commands[i];
        command.seq = i + 1;
        command.time = time_of(f->load);
        const uint64_t before = seen.slots;
        trd_out out = {.events = events, .capacity = TRD_ENGINE_OUT_MIN};
        int result = trd_engine_step(engine, &command, &out);
        for (;;) {
            for (uint32_t at = 0; at < out.count; at += events[at].slots) {
                node_see(&seen, &events[at]);
            }
            if (result != TRD_MORE) {
                break;
            }
            out.count = 0;
            result = trd_engine_step(engine, NULL, &out);
        }
        must("trd_engine_step", result);
        if (seen.slots == before) {
            give_up("load", "a command without events");
        }
        f->ends[i] = seen.slots;
    }
    f->fills = seen.fills;
    f->last = seen.last;
    f->hash = seen.hash;
}

node_flow node_flow_make(const node_subject *who, const money *load) {
    const bool trail = who->mode != 0;
    node_flow f = {.who = who,
        .load = load,
        .commands = load->commands + load->warm,
        .ops = load->ops,
        .size = money_engine_footprint(load, trail),
        .ends = bench_alloc(load->ops * sizeof(*f.ends))};
    f.engine = money_engine_make(bench_alloc(f.size), load, trail);
    void *mem = bench_alloc(f.size);
    trd_engine *bare;
    must("trd_engine_copy", trd_engine_copy(f.engine, mem, f.size, &bare));
    execute(&f, bare);
    must("trd_engine_digest", trd_engine_digest(bare, &f.digest));
    f.right = has_executed("bare engine", bare, load) &&
              same("bare engine", "fills", f.fills, 2 * load->end.executions) &&
              same("bare engine", "audit", (uint64_t)trd_engine_audit(bare), TRD_OK);
    bench_free(mem, f.size);
    return f;
}

void node_flow_free(node_flow *flow) {
    bench_free(flow->engine, flow->size);
    bench_free(flow->ends, flow->ops * sizeof(*flow->ends));
    *flow = (node_flow){.ops = 0};
}

/* --- The node --------------------------------------------------------------------------------- */

static trd_ns stand_still(void *user) {
    return time_of(user);
}

node_work node_open(const node_flow *flow, const node_place *place) {
    const trd_subscription all = {
        .flags = TRD_SUBSCRIBE_NOW, .capacity = NODE_ROOM, .policy = TRD_SLOW_CUT};
    node_work work = {.flow = flow, .fixed = place->fixed};
    trd_journal_def journal = trd_journal_def_default();
    trd_node_def def = trd_node_def_default();
    def.flags = TRD_NODE_HUGE;
    def.engine = flow->engine;
    def.subscriptions = &all;
    def.subscribers = 1;
    def.idle = place->idle;
    def.threads = place->threads != 0 ? place->threads : 1;
    memcpy(def.cpu, place->cpu, sizeof(def.cpu));
    if (place->fixed) {
        def.clock = stand_still;
        def.clock_user = (void *)(uintptr_t)flow->load;
    }
    if (flow->who->mode != 0) {
        scratch_make(work.directory, sizeof(work.directory), place->directory, "bench_node");
        journal.directory = work.directory;
        journal.mode = flow->who->mode;
        journal.flags = place->plain ? TRD_JOURNAL_PLAIN : 0;
        journal.batch_size = place->batch_size != 0 ? place->batch_size : journal.batch_size;
        def.journal = &journal;
    }
    trd_node_status status;
    must("trd_node_open", trd_node_open(&def, &status, &work.node));
    must("trd_node_start", place->threads != 0 ? trd_node_start(work.node) : TRD_OK);
    return work;
}

static bool has_seen(const node_flow *f, const node_seen *seen, bool fixed) {
    const char *who = f->who->name;
    bool right = same(who, "cut off", seen->cut, false);
    right &= same(who, "slots read", seen->slots, f->ends[f->ops - 1]);
    right &= same(who, "fills read", seen->fills, f->fills);
    right &= same(who, "last event read", seen->last, f->last);
    right &= !(seen->hashes && fixed) || same(who, "hash of events", seen->hash, f->hash);
    return right;
}

bool node_close(node_work *work, const node_seen *seen) {
    const node_flow *f = work->flow;
    const char *who = f->who->name;
    bool right = same(who, "stopping", (uint64_t)trd_node_stop(work->node), TRD_OK);
    const trd_engine *engine = trd_node_engine(work->node);
    trd_node_stats stats;
    trd_node_stats_get(work->node, &stats);
    right &= has_seen(f, seen, work->fixed);
    right &= has_executed(who, engine, f->load);
    right &= same(who, "commands acknowledged", stats.acknowledged, f->ops);
    if (work->fixed) {
        uint64_t digest = 0;
        must("trd_engine_digest", trd_engine_digest(engine, &digest));
        right &= same(who, "digest of the engine", digest, f->digest);
    }
    right &= same(who, "closing", (uint64_t)trd_node_close(work->node), TRD_OK);
    if (work->directory[0] != 0) {
        scratch_remove(work->directory);
    }
    return right;
}
