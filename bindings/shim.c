/* shim.c - codes, events, and how commands are executed into an outbox. */
#include "bindings/shim.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "bindings/inner.h"

/* --- codes ------------------------------------------------------------------------------------ */

static const struct {
    int result;
    const char *name;
    const char *text;
} own_results[] = {
    {TRB_E_CLOSED, "TRB_E_CLOSED", "it is closed, or was never opened"},
    {TRB_E_VIEWS, "TRB_E_VIEWS", "somebody still looks at its memory"},
    {TRB_E_BUFFER, "TRB_E_BUFFER", "a buffer has not the size or alignment that it must have"},
    {TRB_E_IN_USE, "TRB_E_IN_USE", "a batch of it is running in another thread"},
};

const char *trb_result_text(int result) {
    for (size_t i = 0; i < sizeof(own_results) / sizeof(own_results[0]); i++) {
        if (own_results[i].result == result) {
            return own_results[i].text;
        }
    }
    return trd_result_text(result);
}

#define NAME(code)                                                                                 \
    case code:                                                                                     \
        return #code

const char *trb_result_name(int result) {
    for (size_t i = 0; i < sizeof(own_results) / sizeof(own_results[0]); i++) {
        if (own_results[i].result == result) {
            return own_results[i].name;
        }
    }
    switch (result) {
        NAME(TRD_OK);
        NAME(TRD_MORE);
        NAME(TRD_NEED_VERDICT);
        NAME(TRD_E_ARG);
        NAME(TRD_E_FULL);
        NAME(TRD_E_BUSY);
        NAME(TRD_E_RANGE);
        NAME(TRD_E_MEMORY);
        NAME(TRD_E_UNKNOWN);
        NAME(TRD_E_EXISTS);
        NAME(TRD_E_FORMAT);
        NAME(TRD_E_TRUNCATED);
        NAME(TRD_E_FUNDS);
        NAME(TRD_E_CORRUPT);
        NAME(TRD_E_IO);
    default:
        return "?";
    }
}

uint32_t trb_version(void) {
    return trd_version();
}

/* --- events ----------------------------------------------------------------------------------- */

bool trb__events_reserve(trb_events *events, size_t slots) {
    if (events->capacity - events->slots >= slots) {
        return true;
    }
    if (slots > SIZE_MAX / 4 / sizeof(trd_event) - events->slots) {
        return false;
    }
    const size_t needed = events->slots + slots;
    const size_t doubled = events->capacity * 2;
    const size_t capacity = needed > doubled ? needed : doubled;
    trd_event *at = realloc(events->at, capacity * sizeof(*at));
    if (at == NULL) {
        return false;
    }
    events->at = at;
    events->capacity = capacity;
    return true;
}

trb_events *trb_events_new(void) {
    return calloc(1, sizeof(trb_events));
}

void trb_events_delete(trb_events *events) {
    if (events != NULL) {
        free(events->at);
        free(events);
    }
}

size_t trb_events_slots(const trb_events *events) {
    return events->slots;
}

const void *trb_events_data(const trb_events *events) {
    return events->slots == 0 ? NULL : events->at;
}

const void *trb_events_view(trb_events *events) {
    events->views++;
    return trb_events_data(events);
}

void trb_events_unview(trb_events *events) {
    events->views--;
}

uint32_t trb_events_views(const trb_events *events) {
    return events->views;
}

size_t trb_events_memory(const trb_events *events) {
    return events->capacity * sizeof(*events->at);
}

int trb_events_clear(trb_events *events) {
    if (events->views > 0) {
        return TRB_E_VIEWS;
    }
    events->slots = 0;
    return TRD_OK;
}

int trb_events_append(trb_events *events, const void *data, size_t size) {
    if (events->views > 0) {
        return TRB_E_VIEWS;
    }
    if (size % sizeof(trd_event) != 0) {
        return TRB_E_BUFFER;
    }
    if (size == 0) {
        return TRD_OK;
    }
    if (!trb__events_reserve(events, size / sizeof(trd_event))) {
        return TRD_E_MEMORY;
    }
    memcpy(events->at + events->slots, data, size);
    events->slots += size / sizeof(trd_event);
    return TRD_OK;
}

/* The slots of the record at `at`. What was appended may be anything: a slot that says less than
 * one, or more than there are, is one by itself. */
static size_t record_slots(const trb_events *events, size_t at) {
    const size_t slots = events->at[at].slots;
    return slots == 0 || slots > events->slots - at ? 1 : slots;
}

int trb_events_pick(const trb_events *events, unsigned kind, trb_events *to) {
    if (to == events) {
        return TRD_E_ARG;
    }
    if (to->views > 0) {
        return TRB_E_VIEWS;
    }
    int picked = 0;
    for (size_t at = 0; at < events->slots;) {
        const size_t slots = record_slots(events, at);
        if (events->at[at].kind == kind) {
            const int result = trb_events_append(to, events->at + at, slots * sizeof(trd_event));
            if (result < 0) {
                return result;
            }
            picked += picked < INT32_MAX;
        }
        at += slots;
    }
    return picked;
}

size_t trb_events_count(const trb_events *events, unsigned kind) {
    size_t count = 0;
    for (size_t at = 0; at < events->slots; at += record_slots(events, at)) {
        count += kind == 0 || events->at[at].kind == kind;
    }
    return count;
}

uint64_t trb_events_hash(const trb_events *events) {
    uint64_t hash = 0;
    for (size_t at = 0; at < events->slots; at++) {
        hash = XXH3_64bits_withSeed(events->at + at, sizeof(trd_event), hash);
    }
    return hash;
}

/* --- commands --------------------------------------------------------------------------------- */

/* Room that is made at a time: enough that a batch is not stopped for every few commands. */
enum { ROOM = 4096 };

void trb__work_start(trb__work *work, const trb__driver *driver, void *object) {
    work->driver = driver;
    work->object = object;
    work->outbox.slots = 0;
    work->time = 0;
    work->seq = 1;
    work->busy = work->pending = false;
    work->done = 0;
}

/* While a batch is running its thread may be giving the outbox more room. */
size_t trb__work_memory(const trb__work *work) {
    return work->memory + (work->busy ? 0 : trb_events_memory(&work->outbox));
}

void trb__work_stop(trb__work *work) {
    free(work->outbox.at);
    memset(work, 0, sizeof(*work));
}

int trb__work_stamp(trb__work *work, int64_t time, uint64_t seq) {
    const int result = trb__usable(work);
    if (result == TRD_OK) {
        work->time = time;
        work->seq = seq;
    }
    return result;
}

/* An output at the end of the outbox; false: no memory. */
static bool outlet(trb__work *work, trd_out *out) {
    trb_events *box = &work->outbox;
    if (box->capacity - box->slots < work->driver->room && !trb__events_reserve(box, ROOM)) {
        return false;
    }
    const size_t free_slots = box->capacity - box->slots;
    *out = (trd_out){.events = box->at + box->slots,
        .capacity = free_slots > UINT32_MAX ? UINT32_MAX : (uint32_t)free_slots};
    return true;
}

/* One step, or its continuation, and what it wrote is in the outbox. */
static int step(trb__work *work, const trd_command *command) {
    trd_out out;
    if (!outlet(work, &out)) {
        return TRD_E_MEMORY;
    }
    const int result = work->driver->step(work->object, command, &out);
    work->outbox.slots += out.count;
    if (result >= 0) {
        work->pending = result == TRD_MORE;
    }
    return result;
}

/* What is not finished goes on until it is. */
static int finish(trb__work *work) {
    while (work->pending) {
        const int result = step(work, NULL);
        if (result < 0) {
            return result;
        }
    }
    return TRD_OK;
}

static int written(const trb__work *work) {
    const size_t slots = work->outbox.slots - work->before;
    return slots > INT32_MAX ? INT32_MAX : (int)slots;
}

static int execute(trb__work *work, const trd_command *command) {
    work->before = work->outbox.slots;
    int result = finish(work);
    if (result == TRD_OK) {
        result = step(work, command);
    }
    if (result >= 0) {
        result = finish(work);
    }
    return result < 0 ? result : written(work);
}

int trb__work_submit(trb__work *work, const trd_command *command) {
    const int result = execute(work, command);
    work->seq += result >= 0;
    return result;
}

bool trb__record(trd_command slots[TRD_SLOTS_MAX], const void *data, size_t size) {
    if (size < sizeof(trd_command) || size > TRD_SLOTS_MAX * sizeof(trd_command)) {
        return false;
    }
    memcpy(slots, data, size);
    return slots[0].slots * sizeof(trd_command) == size;
}

int trb__work_send(trb__work *work, const void *data, size_t size) {
    const int result = trb__usable(work);
    if (result != TRD_OK) {
        return result;
    }
    trd_command slots[TRD_SLOTS_MAX];
    return trb__record(slots, data, size) ? execute(work, slots) : TRB_E_BUFFER;
}

int trb__work_begin(trb__work *work, const void *data, size_t size) {
    const int result = trb__usable(work);
    if (result != TRD_OK) {
        return result;
    }
    if (size % sizeof(trd_command) != 0 || !trb__aligned(data, size)) {
        return TRB_E_BUFFER;
    }
    work->busy = true;
    work->commands = data;
    work->slots = size / sizeof(trd_command);
    work->done = 0;
    work->before = work->outbox.slots;
    return TRD_OK;
}

/* One call of run, and the end of the record that it stopped in. */
static int run_some(trb__work *work) {
    trd_out out;
    if (!outlet(work, &out)) {
        return TRD_E_MEMORY;
    }
    size_t done = 0;
    const int result = work->driver->run(
        work->object, work->commands + work->done, work->slots - work->done, &done, &out);
    work->outbox.slots += out.count;
    work->done += done;
    work->pending = result == TRD_MORE;
    return result < 0 ? result : finish(work);
}

void trb__work_do(trb__work *work) {
    int result = finish(work);
    while (result >= 0 && work->done < work->slots) {
        result = run_some(work);
    }
    work->result = result;
}

int trb__work_end(trb__work *work) {
    work->busy = false;
    work->commands = NULL;
    return work->result < 0 ? work->result : written(work);
}

int trb__work_take(trb__work *work, trb_events *to) {
    int result = trb__usable(work);
    if (result == TRD_OK) {
        result = trb_events_clear(to);
    }
    if (result == TRD_OK) {
        const trb_events taken = work->outbox;
        work->outbox = *to;
        *to = taken;
    }
    return result;
}

static int order(const trb__work *work, const trb__order_terms *terms, trd_command *out) {
    if (terms->side > UINT8_MAX || terms->type > UINT8_MAX || terms->tif > UINT8_MAX ||
        terms->exec > UINT16_MAX) {
        return TRD_E_RANGE;
    }
    *out = (trd_command){.seq = work->seq,
        .time = work->time,
        .kind = TRD_COMMAND_NEW,
        .slots = 1,
        .instrument = terms->instrument,
        .account = terms->account,
        .actor = terms->actor,
        .u.order = {.client_id = terms->client_id,
            .px = terms->px,
            .qty = terms->qty,
            .side = (uint8_t)terms->side,
            .type = (uint8_t)terms->type,
            .tif = (uint8_t)terms->tif,
            .exec = (uint16_t)terms->exec}};
    return TRD_OK;
}

int trb__work_order(trb__work *work, const trb__order_terms *terms) {
    trd_command command;
    int result = trb__usable(work);
    result = result == TRD_OK ? order(work, terms, &command) : result;
    return result < 0 ? result : trb__work_submit(work, &command);
}

int trb__work_run(trb__work *work, const void *data, size_t size) {
    const int result = trb__work_begin(work, data, size);
    if (result != TRD_OK) {
        return result;
    }
    trb__work_do(work);
    return trb__work_end(work);
}
