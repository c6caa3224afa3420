/* scratch.h - directories that a benchmark makes for its files, and removes again. */
#ifndef BENCH_SCRATCH_H
#define BENCH_SCRATCH_H

#include <stddef.h>

/* scratch_make makes one below the directory `below`, whose name begins with `name`, and writes its
 * path; ends the program with 1 if it cannot. scratch_remove removes the files in it, and it. */
void scratch_make(char *path, size_t size, const char *below, const char *name);
void scratch_remove(const char *path);

/* scratch_system names the file system of a directory, "?" if it is none of the usual ones. */
const char *scratch_system(const char *path);

#endif
