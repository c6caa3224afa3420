/* tradsys.i - the shim for Node: each function of shim.h is a function of the module, with its name
 * without trb_; boxes are objects of a class, which `<box>_new` makes. lib/ makes of it what users
 * see, so nothing here is for them.
 *
 * Nothing is listed twice: what shim.h declares is wrapped. Parameters are told by their names there:
 * (<what>, <what>_size) and (data, size) are bytes that are read, (out, out_size) bytes that are
 * written, `value` is what a function stores and what it returns here. */
%module tradsys
%{
extern "C" {
#include "bindings/shim.h"
}

static const char *js_result_code(int result) {
    return trb_result_name(result);
}

static const char *js_result_text(int result) {
    return trb_result_text(result);
}

/* What boxes have outside of JavaScript's heap. */
static inline int64_t js_memory(const trb_engine *box) {
    return (int64_t)trb_engine_memory(box);
}
static inline int64_t js_memory(const trb_match *box) {
    return (int64_t)trb_match_memory(box);
}
static inline int64_t js_memory(const trb_events *box) {
    return (int64_t)trb_events_memory(box);
}
static inline int64_t js_memory(const trb_level_book *box) {
    return (int64_t)trb_level_book_memory(box);
}
static inline int64_t js_memory(const trb_order_book *box) {
    return (int64_t)trb_order_book_memory(box);
}
static inline int64_t js_memory(const trb_itch *box) {
    return (int64_t)trb_itch_memory(box);
}

#include "bindings/node/extra.h"
%}

%include <stdint.i>

%rename("%(strip:[trb_])s") "";
/* The codes are in lib/: JavaScript. */
%rename("$ignore", %$isenumitem) "";

%define %bytes_in(name)
%apply (const void *DATA, size_t SIZE) { (const void *name, size_t name##_size) };
%enddef
%apply (const void *DATA, size_t SIZE) { (const void *data, size_t size) };
%bytes_in(match)
%bytes_in(accounts)
%bytes_in(risk)
%bytes_in(monitor)
%bytes_in(liquidation)
%bytes_in(commands)
%bytes_in(spec)
%bytes_in(terms)
%bytes_in(profile)
%bytes_in(model)
%bytes_in(position)
%bytes_in(array)
%bytes_in(groups)
%bytes_in(sums)
%bytes_in(pairs)
%apply (const char *TEXT, size_t SIZE) { (const char *text, size_t text_size) };
%apply (void *DATA, size_t SIZE) { (void *out, size_t out_size) };
%apply int64_t *OUTPUT { int64_t *value };
%apply uint64_t *OUTPUT { uint64_t *value };

/* A piece of a snapshot or an export: its size, and whether there is more. */
%typemap(in) (void *out, size_t out_size, uint64_t *value) (js_bytes js_read, uint64_t js_stored) {
    js_stored = 0;
    if (!js_bytes_of(args.env, $input, js_asked{1, 1, -1, true}, &js_read,
            js_place{"$symname", "$1_name"})) {
        goto fail;
    }
    $1 = js_read.at;
    $2 = js_read.size;
    $3 = &js_stored;
}
%typemap(argout) (void *out, size_t out_size, uint64_t *value) {
    jsresult = extra_piece(args.env, result, *$3);
}

/* A box whose size may have changed: one that a function does not take as const. */
%typemap(argout) trb_engine *, trb_match *, trb_events *, trb_level_book *, trb_order_book *, trb_itch * {
    js_account(args.env, js_read$argnum, js_memory($1));
}
%typemap(argout) const trb_engine *, const trb_match *, const trb_events *, const trb_level_book *,
    const trb_order_book *, const trb_itch * "";

/* The end of a box is its object's end. Memory of events is given out by extra.h. */
%define %box(type)
%nodefaultctor type;
struct type {};
%extend type {
    ~type() {
        type##_delete($self);
    }
}
%ignore type##_delete;
%enddef
%box(trb_engine)
%box(trb_match)
%box(trb_level_book)
%box(trb_order_book)
%box(trb_itch)
%box(trb_journal)

%box(trb_events)
%ignore trb_events_data;
%ignore trb_events_view;
%ignore trb_events_unview;
%ignore trb_event_format;
/* js_memory asks them. */
%ignore trb_engine_memory;
%ignore trb_match_memory;
%ignore trb_events_memory;
%ignore trb_level_book_memory;
%ignore trb_order_book_memory;
%ignore trb_itch_memory;
/* The parts of a batch in another thread are called by extra.h. */
%ignore trb_engine_begin;
%ignore trb_engine_work;
%ignore trb_engine_end;
%ignore trb_match_begin;
%ignore trb_match_work;
%ignore trb_match_end;

%include "bindings/shim.h"
