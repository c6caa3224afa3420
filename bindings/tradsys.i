/* tradsys.i - what SWIG wraps, for all languages: the shim. Which class has which function is made
 * of shim.h (generate.py); how a language's values become buffers and numbers, and a code below
 * zero an error, is said by the part of that language. */
%module(package="tradsys") native

%{
#include "bindings/shim.h"
%}

%include "stdint.i"

#if defined(SWIGPYTHON)
%include "python/python.i"
#elif defined(SWIGJAVASCRIPT)
%include "node/node.i"
#endif

%include "boxes.i"
