/* python.i - Python's side of tradsys.i: buffers, whole numbers, errors, events as a buffer. */

%{
/* --- errors ----------------------------------------------------------------------------------- */

/* {code: class}; errors.py sets it. */
static PyObject *trb_py_classes;

static PyObject *set_errors(PyObject *classes) {
    Py_INCREF(classes);
    Py_XDECREF(trb_py_classes);
    trb_py_classes = classes;
    Py_RETURN_NONE;
}

static void trb_py_raise(int code, const char *where) {
    PyObject *key = PyLong_FromLong(code);
    PyObject *kind = NULL;
    if (key != NULL && trb_py_classes != NULL) {
        kind = PyDict_GetItemWithError(trb_py_classes, key); /* borrowed */
    }
    Py_XDECREF(key);
    if (PyErr_Occurred()) {
        return;
    }
    if (kind == NULL) {
        PyErr_Format(PyExc_RuntimeError, "%s: %s", where, trb_result_text(code));
        return;
    }
    PyObject *error = PyObject_CallFunction(kind, "is", code, where);
    if (error != NULL) {
        PyErr_SetObject(kind, error);
        Py_DECREF(error);
    }
}

/* --- numbers ---------------------------------------------------------------------------------- */

/* A whole number, and nothing that was a float on the way: int, or what has __index__ (NumPy's). New
 * reference. */
static PyObject *trb_py_whole(PyObject *value, const char *name) {
    if (PyLong_Check(value)) {
        Py_INCREF(value);
        return value;
    }
    if (!PyIndex_Check(value)) {
        PyErr_Format(PyExc_TypeError, "%s: a whole number is needed, not %.100s", name,
            Py_TYPE(value)->tp_name);
        return NULL;
    }
    return PyNumber_Index(value);
}

static int trb_py_signed(PyObject *value, const char *name, int64_t low, int64_t high, int64_t *out) {
    int overflow = 0;
    PyObject *whole = trb_py_whole(value, name);
    if (whole == NULL) {
        return -1;
    }
    const long long number = PyLong_AsLongLongAndOverflow(whole, &overflow);
    if (overflow != 0 || number < low || number > high) {
        PyErr_Format(PyExc_OverflowError, "%s: %S is not in [%lld, %lld]", name, whole,
            (long long)low, (long long)high);
        Py_DECREF(whole);
        return -1;
    }
    Py_DECREF(whole);
    *out = number;
    return 0;
}

static int trb_py_unsigned(PyObject *value, const char *name, uint64_t *out) {
    PyObject *whole = trb_py_whole(value, name);
    if (whole == NULL) {
        return -1;
    }
    const unsigned long long number = PyLong_AsUnsignedLongLong(whole);
    if (number == (unsigned long long)-1 && PyErr_Occurred()) {
        PyErr_Clear();
        PyErr_Format(PyExc_OverflowError, "%s: %S is not in [0, 2^64 - 1]", name, whole);
        Py_DECREF(whole);
        return -1;
    }
    Py_DECREF(whole);
    *out = number;
    return 0;
}

/* --- buffers ---------------------------------------------------------------------------------- */

/* What is wrong with the items of a buffer; NULL: nothing. Records are bytes, or items with named
 * fields (a structured array); of an array of numbers nobody knows what they mean. `stride` is what
 * an item must have, 0: any size. */
static const char *trb_py_fault(const Py_buffer *view, Py_ssize_t stride) {
    const char *format = view->format != NULL ? view->format : "B";
    if (view->itemsize == 1) {
        return strchr("Bbc", format[0]) != NULL ? NULL : "it is an array of something else than bytes";
    }
    if (strncmp(format, "T{", 2) != 0) {
        return "it is an array of numbers, not of records";
    }
    int in_name = 0;
    for (; *format != '\0'; format++) {
        if (*format == ':') {
            in_name = !in_name;
        } else if (!in_name && (*format == '>' || *format == '!')) {
            return "its numbers are big-endian";
        } else if (!in_name && strchr("efdgOP?", *format) != NULL) {
            return "its fields are not whole numbers";
        }
    }
    return stride != 0 && view->itemsize != stride ? "its items have another size than a slot" : NULL;
}

/* What is shown as bytes: anything with a buffer that lies in one piece, or a record of this
 * package. Held until the call is over. */
static int trb_py_view(
    PyObject *value, Py_buffer *view, int flags, Py_ssize_t stride, const char *name) {
    PyObject *held = NULL;
    if (!PyObject_CheckBuffer(value)) {
        held = PyObject_GetAttrString(value, "_buf");
        if (held == NULL) {
            PyErr_Clear();
            PyErr_Format(PyExc_TypeError, "%s: a record or bytes are needed, not %.100s", name,
                Py_TYPE(value)->tp_name);
            return -1;
        }
        value = held;
    }
    const int result = PyObject_GetBuffer(value, view, flags | PyBUF_FORMAT | PyBUF_C_CONTIGUOUS);
    Py_XDECREF(held);
    if (result < 0) {
        return -1;
    }
    const char *fault = trb_py_fault(view, stride);
    if (fault != NULL) {
        PyBuffer_Release(view);
        PyErr_Format(PyExc_ValueError, "%s: %s", name, fault);
        return -1;
    }
    return 0;
}

/* --- batches ---------------------------------------------------------------------------------- */

/* Batches of so many slots and more run without the interpreter's lock: below, giving it up costs
 * more than it brings others. */
enum { TRB_PY_ALONE_MAX = 31 };

#define TRB_PY_RUN(box)                                                                            \
    static int trb_py_##box##_run(trb_##box *box, const void *data, size_t size) {                 \
        const int result = trb_##box##_begin(box, data, size);                                     \
        if (result < 0) {                                                                          \
            return result;                                                                         \
        }                                                                                          \
        if (size / 64 > TRB_PY_ALONE_MAX) {                                                        \
            Py_BEGIN_ALLOW_THREADS                                                                 \
            trb_##box##_work(box);                                                                 \
            Py_END_ALLOW_THREADS                                                                   \
        } else {                                                                                   \
            trb_##box##_work(box);                                                                 \
        }                                                                                          \
        return trb_##box##_end(box);                                                               \
    }
TRB_PY_RUN(engine)
TRB_PY_RUN(match)
#define trb_engine_run trb_py_engine_run
#define trb_match_run trb_py_match_run

/* --- events as a buffer ----------------------------------------------------------------------- */

static trb_events *trb_py_events(PyObject *self) {
    void *box = NULL;
    const int result = SWIG_ConvertPtr(self, &box, SWIGTYPE_p_trb_events, 0);
    if (!SWIG_IsOK(result) || box == NULL) {
        trb_py_raise(TRB_E_CLOSED, "Events");
        return NULL;
    }
    return box;
}

/* A record with all its slots, as bytes. */
static PyObject *trb_py_record(trb_events *events, size_t at) {
    const size_t slots = trb_events_slots(events);
    if (at >= slots) {
        PyErr_SetString(PyExc_IndexError, "there are not so many slots");
        return NULL;
    }
    const uint8_t *slot = (const uint8_t *)trb_events_data(events) + at * 64;
    const size_t own = slot[17] == 0 || slot[17] > slots - at ? 1 : slot[17];
    return PyBytes_FromStringAndSize((const char *)slot, (Py_ssize_t)(own * 64));
}

static int trb_py_getbuffer(PyObject *self, Py_buffer *view, int flags) {
    static const uint64_t nothing;
    view->obj = NULL;
    trb_events *events = trb_py_events(self);
    if (events == NULL) {
        return -1;
    }
    if ((flags & PyBUF_WRITABLE) != 0) {
        PyErr_SetString(PyExc_BufferError, "events are only read");
        return -1;
    }
    Py_ssize_t *shape = PyMem_Malloc(2 * sizeof(*shape));
    if (shape == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    shape[0] = (Py_ssize_t)trb_events_slots(events);
    shape[1] = 64;
    const void *at = trb_events_view(events);
    *view = (Py_buffer){.buf = (void *)(uintptr_t)(at != NULL ? at : &nothing),
        .obj = self,
        .len = shape[0] * 64,
        .itemsize = 64,
        .readonly = 1,
        .ndim = 1,
        .format = (flags & PyBUF_FORMAT) != 0 ? (char *)(uintptr_t)trb_event_format() : NULL,
        .shape = (flags & PyBUF_ND) != 0 ? &shape[0] : NULL,
        .strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &shape[1] : NULL,
        .internal = shape};
    Py_INCREF(self);
    return 0;
}

static void trb_py_releasebuffer(PyObject *self, Py_buffer *view) {
    trb_events *events = trb_py_events(self);
    PyMem_Free(view->internal);
    if (events != NULL) {
        trb_events_unview(events);
    }
}
%}

%feature("python:bf_getbuffer", functype="getbufferproc") trb_events "trb_py_getbuffer";
%feature("python:bf_releasebuffer", functype="releasebufferproc") trb_events "trb_py_releasebuffer";

/* These three are Python's own: counted by the buffer protocol, taken apart by run. */
%ignore trb_events::data;
%ignore trb_events::view;
%ignore trb_events::unview;
%ignore trb_engine::begin;
%ignore trb_engine::work;
%ignore trb_engine::end;
%ignore trb_match::begin;
%ignore trb_match::work;
%ignore trb_match::end;
%ignore trb_event_format;

%typemap(in) PyObject * "$1 = $input;"
%typemap(out) PyObject * "$result = $1; if ($result == NULL) SWIG_fail;"
PyObject *set_errors(PyObject *classes);
%feature("docstring") trb_events::record "record(at: int) -> bytes

The record that begins at a slot, with its extensions; a copy."
%extend trb_events {
    PyObject *record(size_t at) {
        return trb_py_record($self, at);
    }
}

/* --- results ---------------------------------------------------------------------------------- */

%typemap(out) int {
    if ($1 < 0) {
        trb_py_raise($1, "$symname");
        SWIG_fail;
    }
    $result = PyLong_FromLong($1);
}
%typemap(out) size_t "$result = PyLong_FromSize_t($1);"
%typemap(out) uint64_t "$result = PyLong_FromUnsignedLongLong($1);"
%typemap(out) uint32_t "$result = PyLong_FromUnsignedLong($1);"

/* What is found stands in the place of the code; of a piece both are wanted. */
%typemap(in, numinputs=0) uint64_t *value (uint64_t found = 0) "$1 = &found;"
%typemap(argout) uint64_t *value {
    Py_DECREF($result);
    $result = PyLong_FromUnsignedLongLong(*$1);
}
%typemap(in, numinputs=0) int64_t *value (int64_t found = 0) "$1 = &found;"
%typemap(argout) int64_t *value {
    Py_DECREF($result);
    $result = PyLong_FromLongLong(*$1);
}
%typemap(in, numinputs=0) uint64_t *piece (uint64_t found = 0) "$1 = &found;"
%typemap(argout) uint64_t *piece {
    $result = Py_BuildValue("(NK)", $result, (unsigned long long)*$1);
}

/* --- arguments -------------------------------------------------------------------------------- */

%typemap(in) int64_t {
    if (trb_py_signed($input, "$1_name", INT64_MIN, INT64_MAX, &$1) < 0) {
        SWIG_fail;
    }
}
%typemap(in) int (int64_t number) {
    if (trb_py_signed($input, "$1_name", INT32_MIN, INT32_MAX, &number) < 0) {
        SWIG_fail;
    }
    $1 = (int)number;
}
%typemap(in) uint32_t (int64_t number), unsigned (int64_t number) {
    if (trb_py_signed($input, "$1_name", 0, UINT32_MAX, &number) < 0) {
        SWIG_fail;
    }
    $1 = ($1_ltype)number;
}
%typemap(in) uint64_t {
    if (trb_py_unsigned($input, "$1_name", &$1) < 0) {
        SWIG_fail;
    }
}
%typemap(in) size_t (uint64_t number) {
    if (trb_py_unsigned($input, "$1_name", &number) < 0) {
        SWIG_fail;
    }
    $1 = (size_t)number;
}

%typemap(in) (const void *data, size_t size) (Py_buffer view, int held = 0) {
    if (trb_py_view($input, &view, 0, 0, "$1_name") < 0) {
        SWIG_fail;
    }
    held = 1;
    $1 = view.buf;
    $2 = (size_t)view.len;
}
%typemap(freearg) (const void *data, size_t size) {
    if (held$argnum) {
        PyBuffer_Release(&view$argnum);
    }
}
%typemap(in) (const void *commands, size_t commands_size) (Py_buffer view, int held = 0) {
    if (trb_py_view($input, &view, 0, 64, "$1_name") < 0) {
        SWIG_fail;
    }
    held = 1;
    $1 = view.buf;
    $2 = (size_t)view.len;
}
%typemap(freearg) (const void *commands, size_t commands_size) {
    if (held$argnum) {
        PyBuffer_Release(&view$argnum);
    }
}
%typemap(in) (void *out, size_t out_size) (Py_buffer view, int held = 0) {
    if (trb_py_view($input, &view, PyBUF_WRITABLE, 0, "$1_name") < 0) {
        SWIG_fail;
    }
    held = 1;
    $1 = view.buf;
    $2 = (size_t)view.len;
}
%typemap(freearg) (void *out, size_t out_size) {
    if (held$argnum) {
        PyBuffer_Release(&view$argnum);
    }
}
%typemap(in) (const char *text, size_t text_size) {
    Py_ssize_t text_size = 0;
    $1 = (char *)(uintptr_t)PyUnicode_AsUTF8AndSize($input, &text_size);
    if ($1 == NULL) {
        SWIG_fail;
    }
    $2 = (size_t)text_size;
}
%typemap(in) const char *name {
    $1 = (char *)(uintptr_t)PyUnicode_AsUTF8($input);
    if ($1 == NULL) {
        SWIG_fail;
    }
}
%typemap(freearg) const char *name ""
%typemap(out) const char * "$result = PyUnicode_FromString($1);"

/* A class made by __new__ alone, or None, has no box. */
%typemap(check) SWIGTYPE * {
    if ($1 == NULL) {
        trb_py_raise(TRB_E_CLOSED, "$symname");
        SWIG_fail;
    }
}
%exception {
    $action
}
/* SWIG's own tp_new leaves an object without a type, which its conversions then follow: whoever
 * calls no __init__ would crash. This one says the type, and that there is nothing. */
%define TRB_NEW(box)
%{
static PyObject *trb_py_new_##box(PyTypeObject *type, PyObject *arguments, PyObject *keywords) {
    SwigPyObject *made = (SwigPyObject *)PyType_GenericNew(type, arguments, keywords);
    if (made != NULL) {
        made->ptr = NULL;
        made->ty = SWIGTYPE_p_##box;
        made->own = 0;
        made->next = NULL;
    }
    return (PyObject *)made;
}
%}
%feature("python:tp_new", functype="newfunc") box "trb_py_new_" #box;
%exception box::box {
    $action
    if (result == NULL) {
        PyErr_NoMemory();
        SWIG_fail;
    }
}
%enddef
TRB_NEW(trb_events)
TRB_NEW(trb_engine)
TRB_NEW(trb_match)
TRB_NEW(trb_level_book)
TRB_NEW(trb_order_book)
TRB_NEW(trb_itch)
TRB_NEW(trb_journal)
