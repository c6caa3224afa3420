/* runtime.h - what the generated wrappers call: values of JavaScript into C and back, by Node-API
 * alone. It stands at the head of each generated file, is C++ (as SWIG's wrappers for JavaScript
 * are) and needs no C++ library: no exceptions, no RTTI, no `new`.
 *
 * Rules
 *  - An integer is a Number without a fraction within +-(2^53 - 1), or a BigInt. What does not fit
 *    the type in C is a RangeError, what is no integer a TypeError: nothing is rounded or wrapped.
 *  - 64 bits come back as a BigInt always, 32 bits and counts (size_t) as a Number.
 *  - Bytes are an ArrayBuffer or a view of one, whatever its element type; of records the size must
 *    be a multiple of one. Memory that is detached or shared with another thread is refused.
 *  - An object of C is a JavaScript object with a type tag: another class's, another module's or a
 *    plain object is a TypeError, also as `this`.
 *  - A result below zero is thrown, with `code` (the name) and `result` (the number).
 *  - Nothing is static: what a thread's instance of the module knows is its instance data, so that
 *    workers can load it too.
 *
 * The interface file gives js_result_code, js_result_text and js_set_up, and for a class that holds
 * memory an overload of js_memory.
 */
#ifndef NAPI_VERSION
#define NAPI_VERSION 8
#endif
#include <node_api.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Not all wrappers use all of this. */
#define JS_PART [[maybe_unused]] static

/* The last integer up to which every Number is exact: 2^53 - 1. */
static const int64_t JS_SAFE = INT64_C(9007199254740991);

enum { JS_ARGUMENTS_MAX = 24, JS_MEMBERS_MAX = 128, JS_CLASSES_MAX = 32, JS_LINE_SIZE = 200 };

/* Of the interface: the name ("TRD_E_ARG") and the text of a result below zero. */
JS_PART const char *js_result_code(int result);
JS_PART const char *js_result_text(int result);

/* Of the interface: what is written by hand goes into the module's exports. */
JS_PART bool js_set_up(napi_env env, napi_value exports);

/* Of the interface, by overloads: bytes outside of JavaScript's heap that an object holds. */
JS_PART inline int64_t js_memory(const void *object) {
    (void)object;
    return 0;
}

/* --- errors ----------------------------------------------------------------------------------- */

enum js_error { JS_ERROR, JS_TYPE_ERROR, JS_RANGE_ERROR };

/* Where a value came from, for the text of an error. */
struct js_place {
    const char *function;
    const char *argument;
};

JS_PART napi_status js_make_error(
    napi_env env, js_error kind, napi_value code, napi_value text, napi_value *error) {
    switch (kind) {
    case JS_TYPE_ERROR:
        return napi_create_type_error(env, code, text, error);
    case JS_RANGE_ERROR:
        return napi_create_range_error(env, code, text, error);
    default:
        return napi_create_error(env, code, text, error);
    }
}

/* js_throw throws unless something is thrown already: the first error is the one to tell. */
JS_PART void js_throw(napi_env env, js_error kind, const char *code, const char *text, int result) {
    bool pending = true;
    napi_value code_value, text_value, error, number;
    if (napi_is_exception_pending(env, &pending) != napi_ok || pending ||
        napi_create_string_utf8(env, code, NAPI_AUTO_LENGTH, &code_value) != napi_ok ||
        napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &text_value) != napi_ok ||
        js_make_error(env, kind, code_value, text_value, &error) != napi_ok) {
        return;
    }
    if (result < 0 && napi_create_int32(env, result, &number) == napi_ok) {
        napi_set_named_property(env, error, "result", number);
    }
    napi_throw(env, error);
}

JS_PART void js_forget(napi_env env) {
    napi_value thrown;
    bool pending = false;
    if (napi_is_exception_pending(env, &pending) == napi_ok && pending) {
        napi_get_and_clear_last_exception(env, &thrown);
    }
}

/* js_refuse throws what is wrong with an argument; false, for `return`. */
JS_PART bool js_refuse(napi_env env, js_error kind, js_place place, const char *text) {
    char line[JS_LINE_SIZE];
    snprintf(line, sizeof(line), "%s: %s: %s", place.function, place.argument, text);
    const char *code = kind == JS_TYPE_ERROR ? "ERR_INVALID_ARG_TYPE" : "ERR_OUT_OF_RANGE";
    js_throw(env, kind, code, line, 0);
    return false;
}

/* js_failure is the error that js_check throws for a result, as a value. */
JS_PART bool js_check(napi_env env, const char *function, int result);
JS_PART napi_value js_failure(napi_env env, const char *function, int result) {
    napi_value error = nullptr;
    if (!js_check(env, function, result)) {
        napi_get_and_clear_last_exception(env, &error);
    }
    return error;
}

/* js_check is whether a result is none of failure; throws what it is otherwise. */
JS_PART bool js_check(napi_env env, const char *function, int result) {
    if (result >= 0) {
        return true;
    }
    char line[JS_LINE_SIZE];
    snprintf(line, sizeof(line), "%s: %s", function, js_result_text(result));
    js_throw(env, JS_ERROR, js_result_code(result), line, result);
    return false;
}

/* --- integers --------------------------------------------------------------------------------- */

JS_PART bool js_is_exact(napi_env env, double number, js_place place) {
    const bool is_finite = number - number == 0;
    if (is_finite && (number > (double)JS_SAFE || number < -(double)JS_SAFE)) {
        return js_refuse(
            env, JS_RANGE_ERROR, place, "beyond 2^53 - 1 a Number is not exact, give a BigInt");
    }
    if (!is_finite || (double)(int64_t)number != number) {
        return js_refuse(env, JS_TYPE_ERROR, place, "a fraction or no number, not an integer");
    }
    return true;
}

JS_PART bool js_no_integer(napi_env env, js_place place) {
    return js_refuse(env, JS_TYPE_ERROR, place, "an integer is needed, a Number or a BigInt");
}

JS_PART bool js_no_room(napi_env env, js_place place) {
    return js_refuse(env, JS_RANGE_ERROR, place, "outside the range of its type");
}

/* js_signed stores an integer of [low, high]; false: it threw. */
JS_PART bool js_signed(
    napi_env env, napi_value value, int64_t low, int64_t high, int64_t *out, js_place place) {
    double number;
    bool lossless = true;
    const napi_status status = napi_get_value_double(env, value, &number);
    if (status == napi_ok) {
        if (!js_is_exact(env, number, place)) {
            return false;
        }
        *out = (int64_t)number;
    } else if (napi_get_value_bigint_int64(env, value, out, &lossless) != napi_ok) {
        return js_no_integer(env, place);
    }
    return lossless && *out >= low && *out <= high ? true : js_no_room(env, place);
}

/* js_unsigned stores an integer of [0, high]; false: it threw. */
JS_PART bool js_unsigned(
    napi_env env, napi_value value, uint64_t high, uint64_t *out, js_place place) {
    double number;
    bool lossless = true;
    const napi_status status = napi_get_value_double(env, value, &number);
    if (status == napi_ok) {
        if (!js_is_exact(env, number, place)) {
            return false;
        }
        if (number < 0) {
            return js_no_room(env, place);
        }
        *out = (uint64_t)number;
    } else if (napi_get_value_bigint_uint64(env, value, out, &lossless) != napi_ok) {
        return js_no_integer(env, place);
    }
    return lossless && *out <= high ? true : js_no_room(env, place);
}

JS_PART bool js_truth(napi_env env, napi_value value, bool *out, js_place place) {
    if (napi_get_value_bool(env, value, out) != napi_ok) {
        return js_refuse(env, JS_TYPE_ERROR, place, "true or false is needed");
    }
    return true;
}

JS_PART napi_value js_undefined(napi_env env) {
    napi_value made = nullptr;
    napi_get_undefined(env, &made);
    return made;
}

JS_PART napi_value js_of_number(napi_env env, double number) {
    napi_value made = nullptr;
    napi_create_double(env, number, &made);
    return made;
}

JS_PART napi_value js_of_int32(napi_env env, int32_t number) {
    napi_value made = nullptr;
    napi_create_int32(env, number, &made);
    return made;
}

JS_PART napi_value js_of_uint32(napi_env env, uint32_t number) {
    napi_value made = nullptr;
    napi_create_uint32(env, number, &made);
    return made;
}

JS_PART napi_value js_of_int64(napi_env env, int64_t number) {
    napi_value made = nullptr;
    napi_create_bigint_int64(env, number, &made);
    return made;
}

JS_PART napi_value js_of_uint64(napi_env env, uint64_t number) {
    napi_value made = nullptr;
    napi_create_bigint_uint64(env, number, &made);
    return made;
}

/* A count of things in memory is far below 2^53. */
JS_PART napi_value js_of_count(napi_env env, size_t count) {
    return js_of_number(env, (double)count);
}

JS_PART napi_value js_of_truth(napi_env env, bool truth) {
    napi_value made = nullptr;
    napi_get_boolean(env, truth, &made);
    return made;
}

/* --- text ------------------------------------------------------------------------------------- */

/* A text of the caller's as UTF-8 with a zero behind it. */
struct js_text {
    char here[120];
    char *at = nullptr;
    size_t size = 0;

    ~js_text() {
        if (at != here) {
            free(at);
        }
    }
};

/* js_text_of reads a string; one with a zero inside is refused, C would see a part of it. */
JS_PART bool js_text_of(napi_env env, napi_value value, js_text *out, js_place place) {
    if (napi_get_value_string_utf8(env, value, nullptr, 0, &out->size) != napi_ok) {
        return js_refuse(env, JS_TYPE_ERROR, place, "a string is needed");
    }
    out->at = out->size < sizeof(out->here) ? out->here : (char *)malloc(out->size + 1);
    if (out->at == nullptr) {
        return js_refuse(env, JS_RANGE_ERROR, place, "no memory for a text of this size");
    }
    if (napi_get_value_string_utf8(env, value, out->at, out->size + 1, &out->size) != napi_ok) {
        return js_refuse(env, JS_TYPE_ERROR, place, "a string is needed");
    }
    if (memchr(out->at, 0, out->size) != nullptr) {
        return js_refuse(env, JS_TYPE_ERROR, place, "a zero inside of a text");
    }
    return true;
}

/* Null for no text. */
JS_PART napi_value js_of_text(napi_env env, const char *text) {
    napi_value made = nullptr;
    if (text == nullptr) {
        napi_get_null(env, &made);
    } else {
        napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &made);
    }
    return made;
}

/* --- bytes ------------------------------------------------------------------------------------ */

/* Bytes of the caller's, valid during the call. */
struct js_bytes {
    void *at = nullptr;
    size_t size = 0;
    void *copy = nullptr; /* where they did not lie as C needs them */

    ~js_bytes() {
        free(copy);
    }
};

/* What is asked of bytes. */
struct js_asked {
    size_t unit;  /* the size is a multiple of it */
    size_t align; /* they begin at a multiple of it */
    int elements; /* napi_typedarray_type of an array of numbers; -1: any bytes */
    bool writes;  /* they are written: a copy would not do */
};

/* js_bytes_find finds what `value` is a view of. */
JS_PART bool js_bytes_find(
    napi_env env, napi_value value, js_bytes *out, napi_value *buffer, int *elements) {
    bool is = false;
    size_t offset, count;
    if (napi_is_typedarray(env, value, &is) == napi_ok && is) {
        static const uint8_t widths[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
        napi_typedarray_type type;
        if (napi_get_typedarray_info(env, value, &type, &count, &out->at, buffer, &offset) !=
                napi_ok ||
            (size_t)type >= sizeof(widths)) {
            return false;
        }
        *elements = (int)type;
        out->size = count * widths[type];
        return true;
    }
    if (napi_is_arraybuffer(env, value, &is) == napi_ok && is) {
        *buffer = value;
        return napi_get_arraybuffer_info(env, value, &out->at, &out->size) == napi_ok;
    }
    if (napi_is_dataview(env, value, &is) == napi_ok && is) {
        return napi_get_dataview_info(env, value, &out->size, &out->at, buffer, &offset) == napi_ok;
    }
    return false;
}

/* js_bytes_align copies bytes that do not begin where C may read them as records. */
JS_PART bool js_bytes_align(napi_env env, const js_asked *asked, js_bytes *out, js_place place) {
    if ((uintptr_t)out->at % asked->align == 0) {
        return true;
    }
    if (asked->writes) {
        return js_refuse(
            env, JS_RANGE_ERROR, place, "bytes to write must begin at a multiple of 8");
    }
    out->copy = malloc(out->size == 0 ? 1 : out->size);
    if (out->copy == nullptr) {
        return js_refuse(env, JS_RANGE_ERROR, place, "no memory to copy the bytes");
    }
    memcpy(out->copy, out->at, out->size);
    out->at = out->copy;
    return true;
}

JS_PART bool js_bytes_of(
    napi_env env, napi_value value, js_asked asked, js_bytes *out, js_place place) {
    napi_value buffer = nullptr;
    int elements = -1;
    if (!js_bytes_find(env, value, out, &buffer, &elements)) {
        return js_refuse(env, JS_TYPE_ERROR, place, "an ArrayBuffer or a view of one is needed");
    }
    bool is = false;
    if (napi_is_arraybuffer(env, buffer, &is) != napi_ok || !is) {
        return js_refuse(
            env, JS_TYPE_ERROR, place, "memory that threads share can change meanwhile");
    }
    if (napi_is_detached_arraybuffer(env, buffer, &is) != napi_ok || is) {
        return js_refuse(env, JS_TYPE_ERROR, place, "the buffer is detached");
    }
    if (asked.elements >= 0 && elements != asked.elements) {
        return js_refuse(env, JS_TYPE_ERROR, place, "an array of another element type is needed");
    }
    if (out->size % asked.unit != 0) {
        return js_refuse(env, JS_RANGE_ERROR, place, "its size is no multiple of a record's");
    }
    return js_bytes_align(env, &asked, out, place);
}

/* --- objects ---------------------------------------------------------------------------------- */

/* What a JavaScript object of a class holds. It lives as long as the object, and as long as anybody
 * else who holds it: a view of its memory, a batch in another thread. Counted in one thread. */
struct js_holder {
    void *object;
    void (*release)(void *object);
    int64_t memory; /* told to the garbage collector */
    uint32_t holds;
};

/* A class while it is put together, and what the module keeps of it. */
struct js_class {
    napi_type_tag tag;
    void (*release)(void *object);
    napi_property_descriptor members[JS_MEMBERS_MAX];
    size_t count;
    bool failed;
};

struct js_kept {
    uint64_t tag;
    void (*release)(void *object);
    napi_ref constructor;
};

/* An object of C that no JavaScript object owns yet. */
struct js_made {
    void *object;
    napi_type_tag tag;
    int64_t memory;
};

/* Whether there is a class for what a pointer points to: a function that returns one without does
 * not compile. The class stands first. */
template <typename Pointer> struct js_owned { static const bool is = false; };

/* One instance of the module: a thread's. */
struct js_module {
    js_kept classes[JS_CLASSES_MAX];
    uint32_t class_count;
    js_made given; /* what the next constructor wraps instead of making an object */
};

/* js_tag makes the tag of a class from its name in C: FNV-1a, from two beginnings. */
constexpr uint64_t js_hash(const char *name, uint64_t hash) {
    return *name == 0 ? hash : js_hash(name + 1, (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3));
}

constexpr napi_type_tag js_tag(const char *name) {
    return {js_hash(name, UINT64_C(0xcbf29ce484222325)), js_hash(name, UINT64_C(0x74726164737973))};
}

JS_PART js_module *js_module_of(napi_env env) {
    void *data = nullptr;
    return napi_get_instance_data(env, &data) == napi_ok ? (js_module *)data : nullptr;
}

/* js_class_of: each class that the wrappers name is in the module, js_define failed otherwise. */
JS_PART const js_kept *js_class_of(napi_env env, napi_type_tag tag) {
    const js_module *const module = js_module_of(env);
    for (uint32_t i = 0; i < module->class_count; i++) {
        if (module->classes[i].tag == tag.lower) {
            return &module->classes[i];
        }
    }
    return nullptr;
}

/* js_account tells the garbage collector what an object holds by now. */
JS_PART void js_account(napi_env env, js_holder *holder, int64_t memory) {
    if (holder->memory != memory) {
        int64_t all;
        napi_adjust_external_memory(env, memory - holder->memory, &all);
        holder->memory = memory;
    }
}

/* js_object returns what an object of the class `tag` holds; NULL: it threw. */
JS_PART js_holder *js_object(napi_env env, napi_value value, napi_type_tag tag, js_place place) {
    bool is = false;
    void *held = nullptr;
    if (napi_check_object_type_tag(env, value, &tag, &is) != napi_ok || !is ||
        napi_unwrap(env, value, &held) != napi_ok) {
        js_forget(env); /* what Node-API may have thrown itself, for null */
        js_refuse(env, JS_TYPE_ERROR, place, "an object of another class is needed");
        return nullptr;
    }
    return (js_holder *)held;
}

JS_PART js_holder *js_hold(js_holder *holder) {
    holder->holds++;
    return holder;
}

JS_PART void js_let_go(napi_env env, js_holder *holder) {
    if (--holder->holds == 0) {
        js_account(env, holder, 0);
        holder->release(holder->object);
        free(holder);
    }
}

/* The garbage collector has found that nobody knows the object any more, or the thread ends. */
JS_PART void js_release(napi_env env, void *data, void *hint) {
    (void)hint;
    js_let_go(env, (js_holder *)data);
}

JS_PART bool js_tie(napi_env env, napi_value self, napi_type_tag tag, js_holder *holder) {
    if (holder == nullptr ||
        napi_wrap(env, self, holder, js_release, nullptr, nullptr) != napi_ok) {
        return false;
    }
    if (napi_type_tag_object(env, self, &tag) == napi_ok) {
        return true;
    }
    void *held;
    napi_remove_wrap(env, self, &held);
    return false;
}

/* js_wrap makes `self` the owner of an object, and returns it. NULL: it threw, the object is gone.
 */
JS_PART napi_value js_wrap(napi_env env, napi_value self, js_made made) {
    const js_kept *const kept = js_class_of(env, made.tag);
    js_holder *const holder = (js_holder *)malloc(sizeof(js_holder));
    if (!js_tie(env, self, made.tag, holder)) {
        free(holder);
        kept->release(made.object);
        js_throw(env, JS_ERROR, "ERR_MEMORY_ALLOCATION_FAILED", "no memory for an object", 0);
        return nullptr;
    }
    *holder = {made.object, kept->release, 0, 1};
    js_account(env, holder, made.memory);
    return self;
}

/* js_instance makes the JavaScript object of an object of C, and owns it. NULL: it threw. */
JS_PART napi_value js_instance(napi_env env, js_made made) {
    const js_kept *const kept = js_class_of(env, made.tag);
    js_module *const module = js_module_of(env);
    napi_value constructor, instance = nullptr;
    module->given = made;
    if (napi_get_reference_value(env, kept->constructor, &constructor) != napi_ok ||
        napi_new_instance(env, constructor, 0, nullptr, &instance) != napi_ok) {
        instance = nullptr;
    }
    if (module->given.object != nullptr) { /* the constructor was not reached */
        module->given.object = nullptr;
        kept->release(made.object);
        js_throw(env, JS_ERROR, "ERR_MEMORY_ALLOCATION_FAILED", "no memory for an object", 0);
        return nullptr;
    }
    return instance;
}

/* js_given takes what js_instance gives to a constructor: no object if JavaScript called it. */
JS_PART js_made js_given(napi_env env) {
    js_module *const module = js_module_of(env);
    const js_made given = module->given;
    module->given.object = nullptr;
    return given;
}

/* --- calls and classes ------------------------------------------------------------------------ */

/* What a wrapper was called with. What was not given is undefined. The names are those by which
 * SWIG speaks of it. */
struct js_call {
    napi_env env;
    napi_value self = nullptr;
    napi_value argument[JS_ARGUMENTS_MAX];
    size_t count = JS_ARGUMENTS_MAX;
    bool valid;

    js_call(napi_env env_, napi_callback_info info) : env(env_) {
        valid = napi_get_cb_info(env, info, &count, argument, &self, nullptr) == napi_ok;
    }
    napi_value operator[](size_t at) const {
        return argument[at];
    }
    napi_value Holder() const {
        return self;
    }
    bool takes(const char *function, size_t wanted) const {
        if (valid && count == wanted) {
            return true;
        }
        char line[JS_LINE_SIZE];
        snprintf(
            line, sizeof(line), "%s: %zu arguments are needed, not %zu", function, wanted, count);
        js_throw(env, JS_TYPE_ERROR, "ERR_MISSING_ARGS", line, 0);
        return false;
    }
};

JS_PART bool js_is_new(napi_env env, napi_callback_info info) {
    napi_value target = nullptr;
    if (napi_get_new_target(env, info, &target) == napi_ok && target != nullptr) {
        return true;
    }
    js_throw(env, JS_TYPE_ERROR, "ERR_CONSTRUCT_CALL_REQUIRED", "a class is called with `new`", 0);
    return false;
}

JS_PART void js_add(js_class *of, napi_property_descriptor member) {
    if (of->count == JS_MEMBERS_MAX) {
        of->failed = true;
        return;
    }
    of->members[of->count++] = member;
}

JS_PART napi_property_descriptor js_method(const char *name, napi_callback call) {
    return {name, nullptr, call, nullptr, nullptr, nullptr, napi_default_method, nullptr};
}

JS_PART napi_property_descriptor js_property(const char *name, napi_callback getter) {
    return {name, nullptr, nullptr, getter, nullptr, nullptr, napi_enumerable, nullptr};
}

JS_PART bool js_set_function(
    napi_env env, napi_value object, const char *name, napi_callback call) {
    napi_property_descriptor function = js_method(name, call);
    function.attributes = napi_default_jsproperty;
    return napi_define_properties(env, object, 1, &function) == napi_ok;
}

/* js_define makes the class, NULL if it cannot. */
JS_PART napi_value js_define(
    napi_env env, js_module *module, const char *name, const js_class *of, napi_callback make) {
    napi_value made = nullptr;
    napi_ref constructor;
    if (of->failed || module->class_count == JS_CLASSES_MAX ||
        napi_define_class(
            env, name, NAPI_AUTO_LENGTH, make, nullptr, of->count, of->members, &made) != napi_ok ||
        napi_create_reference(env, made, 1, &constructor) != napi_ok) {
        return nullptr;
    }
    module->classes[module->class_count++] = {of->tag.lower, of->release, constructor};
    return made;
}

JS_PART void js_module_free(napi_env env, void *data, void *hint) {
    js_module *const module = (js_module *)data;
    (void)hint;
    for (uint32_t i = 0; i < module->class_count; i++) {
        napi_delete_reference(env, module->classes[i].constructor);
    }
    free(module);
}

JS_PART js_module *js_module_make(napi_env env) {
    js_module *const module = (js_module *)calloc(1, sizeof(js_module));
    if (module != nullptr &&
        napi_set_instance_data(env, module, js_module_free, nullptr) != napi_ok) {
        free(module);
        return nullptr;
    }
    return module;
}

/* --- what SWIG's tables are made of ----------------------------------------------------------- */

/* SWIG writes tables of all types that it met. They are not used: classes have tags. */
struct swig_cast_info;
struct swig_type_info {
    const char *name, *text;
    void *cast_function;
    swig_cast_info *casts;
    void *client;
    int owns;
};
struct swig_cast_info {
    swig_type_info *type;
    void *converter;
    swig_cast_info *next, *previous;
};
struct swig_module_info {
    swig_type_info **types;
    size_t size;
    swig_module_info *next;
    swig_type_info **initial_types;
    swig_cast_info **initial_casts;
    void *client;
};
