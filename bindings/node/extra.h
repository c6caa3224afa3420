/* extra.h - what the wrappers of SWIG cannot be: memory that JavaScript sees, and batches in
 * another thread. Included by tradsys.i, behind the runtime of napi/. */
#ifndef TRADSYS_BINDINGS_NODE_EXTRA_H
#define TRADSYS_BINDINGS_NODE_EXTRA_H

enum { EXTRA_SLOT_SIZE = 64 };

/* A piece of something long, as [its size, whether there is more]. */
static napi_value extra_piece(napi_env env, int result, uint64_t size) {
    napi_value made = nullptr;
    if (napi_create_array_with_length(env, 2, &made) != napi_ok ||
        napi_set_element(env, made, 0, js_of_count(env, (size_t)size)) != napi_ok ||
        napi_set_element(env, made, 1, js_of_truth(env, result != 0)) != napi_ok) {
        return nullptr;
    }
    return made;
}

/* --- memory of events ------------------------------------------------------------------------- */

static js_holder *extra_events(napi_env env, napi_value value, const char *function) {
    return js_object(env, value, js_tag("SWIGTYPE_p_trb_events"), js_place{function, "events"});
}

/* The ArrayBuffer is gone. What it showed may have outlived the object that it belonged to. */
static void extra_view_end(napi_env env, void *data, void *hint) {
    (void)data;
    js_let_go(env, (js_holder *)hint);
}

/* A copy, for no slots, and where Node is built so that no memory of others is an ArrayBuffer. */
static napi_value extra_copy(napi_env env, const void *from, size_t size) {
    void *to = nullptr;
    napi_value made = nullptr;
    if (napi_create_arraybuffer(env, size, &to, &made) != napi_ok) {
        js_throw(env, JS_ERROR, "ERR_MEMORY_ALLOCATION_FAILED", "no memory for a buffer", 0);
        return nullptr;
    }
    if (size != 0) {
        memcpy(to, from, size);
    }
    return made;
}

/* events_buffer(events): an ArrayBuffer of all slots, without copying them. Until events_release
 * the box is neither cleared nor taken. */
static napi_value extra_events_buffer(napi_env env, napi_callback_info info) {
    js_call args(env, info);
    js_holder *holder;
    if (!args.takes("events_buffer", 1) ||
        (holder = extra_events(env, args[0], "events_buffer")) == nullptr) {
        return nullptr;
    }
    trb_events *const events = (trb_events *)holder->object;
    const size_t size = trb_events_slots(events) * EXTRA_SLOT_SIZE;
    if (size == 0) {
        return extra_copy(env, nullptr, 0);
    }
    void *const at = const_cast<void *>(trb_events_view(events));
    napi_value made = nullptr;
    if (napi_create_external_arraybuffer(env, at, size, extra_view_end, js_hold(holder), &made) ==
        napi_ok) {
        return made;
    }
    trb_events_unview(events);
    js_let_go(env, holder);
    return extra_copy(env, at, size);
}

/* events_release(events, buffer): the buffer of events_buffer is detached, the box is free again. A
 * buffer that was given to another thread meanwhile still shows the box, which stays as it is:
 * TRB_E_VIEWS. */
static napi_value extra_events_release(napi_env env, napi_callback_info info) {
    js_call args(env, info);
    js_holder *holder;
    if (!args.takes("events_release", 2) ||
        (holder = extra_events(env, args[0], "events_release")) == nullptr) {
        return nullptr;
    }
    bool is_detached = false;
    void *data = nullptr;
    size_t size = 0;
    if (napi_is_detached_arraybuffer(env, args[1], &is_detached) != napi_ok ||
        (!is_detached && napi_get_arraybuffer_info(env, args[1], &data, &size) != napi_ok)) {
        js_refuse(env, JS_TYPE_ERROR, {"events_release", "buffer"}, "an ArrayBuffer is needed");
        return nullptr;
    }
    trb_events *const events = (trb_events *)holder->object;
    if (is_detached && trb_events_views(events) > 0) {
        js_check(env, "events_release", TRB_E_VIEWS);
        return nullptr;
    }
    if (!is_detached && napi_detach_arraybuffer(env, args[1]) != napi_ok) {
        js_check(env, "events_release", TRB_E_VIEWS);
        return nullptr;
    }
    if (size != 0 && data == trb_events_data(events) && trb_events_views(events) > 0) {
        trb_events_unview(events);
    }
    return js_undefined(env);
}

/* --- batches in another thread ---------------------------------------------------------------- */

/* A batch of commands on its way. The commands are a copy, since JavaScript could take its buffer
 * away meanwhile; the box is held, and says TRB_E_IN_USE to everybody else. */
template <typename Box> struct extra_batch {
    js_holder *holder;
    Box *box;
    napi_async_work work;
    napi_deferred promised;
    void *commands;
};

template <typename Box, void (*work)(Box *)> void extra_batch_do(napi_env env, void *data) {
    (void)env;
    work(((extra_batch<Box> *)data)->box);
}

template <typename Box> void extra_batch_free(napi_env env, extra_batch<Box> *batch) {
    js_let_go(env, batch->holder);
    if (batch->work != nullptr) {
        napi_delete_async_work(env, batch->work);
    }
    free(batch->commands);
    free(batch);
}

template <typename Box, int (*end)(Box *)>
void extra_batch_done(napi_env env, napi_status status, void *data) {
    extra_batch<Box> *const batch = (extra_batch<Box> *)data;
    const int result = end(batch->box);
    if (status != napi_ok || result < 0) {
        /* Canceled: the thread of the interpreter ends before the batch began. */
        const int failure = result < 0 ? result : TRB_E_CLOSED;
        napi_reject_deferred(env, batch->promised, js_failure(env, "run", failure));
    } else {
        napi_resolve_deferred(env, batch->promised, js_of_int32(env, result));
    }
    js_account(env, batch->holder, js_memory(batch->box));
    extra_batch_free(env, batch);
}

/* extra_batch_of copies the commands; NULL: it threw. */
template <typename Box>
extra_batch<Box> *extra_batch_of(napi_env env, js_holder *holder, const js_bytes *commands) {
    extra_batch<Box> *const batch = (extra_batch<Box> *)calloc(1, sizeof(extra_batch<Box>));
    void *const copy = malloc(commands->size == 0 ? 1 : commands->size);
    if (batch == nullptr || copy == nullptr) {
        free(batch);
        free(copy);
        js_throw(env, JS_ERROR, "ERR_MEMORY_ALLOCATION_FAILED", "no memory for a batch", 0);
        return nullptr;
    }
    if (commands->size != 0) {
        memcpy(copy, commands->at, commands->size);
    }
    batch->holder = js_hold(holder);
    batch->box = (Box *)holder->object;
    batch->commands = copy;
    return batch;
}

/* <box>_run_async(box, commands): a promise of what run returns. What the box refuses at once, it
 * throws. */
template <typename Box, int (*begin)(Box *, const void *, size_t), void (*work)(Box *),
    int (*end)(Box *)>
napi_value extra_run_async(napi_env env, napi_value box, napi_type_tag tag, napi_value commands) {
    js_bytes bytes;
    js_holder *const holder = js_object(env, box, tag, js_place{"run_async", "box"});
    if (holder == nullptr || !js_bytes_of(env, commands, js_asked{EXTRA_SLOT_SIZE, 8, -1, false},
                                 &bytes, js_place{"run_async", "commands"})) {
        return nullptr;
    }
    extra_batch<Box> *const batch = extra_batch_of<Box>(env, holder, &bytes);
    if (batch == nullptr) {
        return nullptr;
    }
    napi_value promise = nullptr, name;
    bool made = napi_create_string_utf8(env, "tradsys", NAPI_AUTO_LENGTH, &name) == napi_ok &&
                napi_create_async_work(env, nullptr, name, extra_batch_do<Box, work>,
                    extra_batch_done<Box, end>, batch, &batch->work) == napi_ok;
    made = made && js_check(env, "run_async", begin(batch->box, batch->commands, bytes.size));
    if (!made) {
        extra_batch_free(env, batch);
        js_throw(env, JS_ERROR, "ERR_INTERNAL", "a batch could not be made", 0);
        return nullptr;
    }
    if (napi_create_promise(env, &batch->promised, &promise) != napi_ok ||
        napi_queue_async_work(env, batch->work) != napi_ok) {
        end(batch->box);
        extra_batch_free(env, batch);
        js_throw(env, JS_ERROR, "ERR_INTERNAL", "a batch could not be started", 0);
        return nullptr;
    }
    return promise;
}

static napi_value extra_engine_run_async(napi_env env, napi_callback_info info) {
    js_call args(env, info);
    return args.takes("engine_run_async", 2)
               ? extra_run_async<trb_engine, trb_engine_begin, trb_engine_work, trb_engine_end>(
                     env, args[0], js_tag("SWIGTYPE_p_trb_engine"), args[1])
               : nullptr;
}

static napi_value extra_match_run_async(napi_env env, napi_callback_info info) {
    js_call args(env, info);
    return args.takes("match_run_async", 2)
               ? extra_run_async<trb_match, trb_match_begin, trb_match_work, trb_match_end>(
                     env, args[0], js_tag("SWIGTYPE_p_trb_match"), args[1])
               : nullptr;
}

static bool js_set_up(napi_env env, napi_value exports) {
    return js_set_function(env, exports, "events_buffer", extra_events_buffer) &&
           js_set_function(env, exports, "events_release", extra_events_release) &&
           js_set_function(env, exports, "engine_run_async", extra_engine_run_async) &&
           js_set_function(env, exports, "match_run_async", extra_match_run_async);
}

#endif
