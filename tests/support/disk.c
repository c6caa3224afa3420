/* disk.c - a disk in memory. */
#include "disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512, FILES = 512, NAMES = 128, HANDLES = 32, QUEUE = 16, NAME = 32 };
enum { DIRECTORY = 1000 }; /* handles from here on are the directory's */

typedef struct patch { /* a write that is not on the disk */
    struct patch *next;
    uint64_t at, size;
    uint8_t bytes[];
} patch;

typedef struct file {
    uint8_t *cache, *disk; /* both of `room` bytes */
    uint64_t room, size, disk_size;
    patch *first, **last;
} file;

typedef struct name {
    char text[NAME];
    int file;
} name;

typedef struct names {
    name at[NAMES];
    int count;
} names;

typedef struct change { /* of names, not on the disk: `from` goes, `to` comes; "" is none */
    char from[NAME], to[NAME];
    int file;
} change;

struct disk {
    draw random;
    file files[FILES];
    int files_count;
    names cache, disk;
    change changes[NAMES];
    int changes_count;
    int handles[HANDLES]; /* file + 1 */
    bool directories[HANDLES];
    int locked; /* handle, 0: none */
    disk_fault fault;
    uint64_t calls;
    bool struck, dead;
    trd_io_request queue[QUEUE];
    int queued;
    int64_t pace;
    uint32_t lies;
};

disk *disk_new(uint64_t seed) {
    disk *d = calloc(1, sizeof(*d));
    d->random = trd__rng_seeded(seed);
    d->pace = 40;
    return d;
}

static void forget_patches(file *f) {
    while (f->first != NULL) {
        patch *p = f->first;
        f->first = p->next;
        free(p);
    }
    f->last = &f->first;
}

void disk_free(disk *d) {
    for (int i = 0; i < d->files_count; i++) {
        forget_patches(&d->files[i]);
        free(d->files[i].cache);
        free(d->files[i].disk);
    }
    free(d);
}

/* ---- faults ---- */

void disk_set_fault(disk *d, const disk_fault *fault) {
    d->fault = *fault;
    d->calls = 0;
    d->struck = false;
}

uint64_t disk_calls(const disk *d) {
    return d->calls;
}

bool disk_struck(const disk *d) {
    return d->struck;
}

bool disk_is_dead(const disk *d) {
    return d->dead;
}

void disk_set_pace(disk *d, int64_t percent) {
    d->pace = percent;
}

void disk_set_lies(disk *d, uint32_t calls) {
    d->lies = calls;
}

/* Does the fault strike this call? */
static bool strikes(disk *d, unsigned call) {
    if (d->fault.calls != 0 && (d->fault.calls >> call & 1) == 0) {
        return false;
    }
    const uint64_t number = d->calls++;
    const bool now = number == d->fault.at || (d->fault.keeps_on && number > d->fault.at);
    if (d->fault.kind == DISK_FAULT_NONE || !now) {
        return false;
    }
    d->struck = true;
    d->dead = d->dead || d->fault.kind == DISK_FAULT_POWER;
    return true;
}

/* 0 or the error that the call fails with. */
static int failing(disk *d, unsigned call) {
    if (d->dead) {
        return -EIO;
    }
    const bool now = strikes(d, call);
    return now && d->fault.kind != DISK_FAULT_SHORT ? (d->dead ? -EIO : -d->fault.error) : 0;
}

/* The bytes that a read or write of `size` does, or the error. */
static int64_t allowed(disk *d, unsigned call, uint64_t size) {
    if (d->dead) {
        return -EIO;
    }
    if (!strikes(d, call)) {
        return (int64_t)size;
    }
    if (d->fault.kind == DISK_FAULT_SHORT) {
        return (int64_t)(d->fault.part < size ? d->fault.part : size);
    }
    return d->dead ? -EIO : -d->fault.error;
}

/* ---- names ---- */

/* Names of this file system are shorter than NAME. */
static void set_text(char to[NAME], const char *text) {
    const size_t size = strlen(text) + 1;
    if (size > NAME) {
        abort();
    }
    memcpy(to, text, size);
}

static int find(const names *n, const char *text) {
    for (int i = 0; i < n->count; i++) {
        if (strcmp(n->at[i].text, text) == 0) {
            return i;
        }
    }
    return -1;
}

static void drop_name(names *n, const char *text) {
    const int i = find(n, text);
    if (i >= 0) {
        n->at[i] = n->at[--n->count];
    }
}

static void set_name(names *n, const char *text, int to) {
    drop_name(n, text);
    if (n->count == NAMES) {
        abort();
    }
    name *at = &n->at[n->count++];
    memset(at, 0, sizeof(*at));
    set_text(at->text, text);
    at->file = to;
}

static void apply(names *n, const change *c) {
    if (c->from[0] != '\0') {
        drop_name(n, c->from);
    }
    if (c->to[0] != '\0') {
        set_name(n, c->to, c->file);
    }
}

static void change_names(disk *d, const char *from, const char *to, int to_file) {
    if (d->changes_count == NAMES) {
        abort();
    }
    change *c = &d->changes[d->changes_count++];
    memset(c, 0, sizeof(*c));
    set_text(c->from, from);
    set_text(c->to, to);
    c->file = to_file;
    apply(&d->cache, c);
}

/* ---- files ---- */

static void make_room(file *f, uint64_t size) {
    if (size <= f->room) {
        return;
    }
    const uint64_t room = (size + SECTOR - 1) / SECTOR * SECTOR;
    f->cache = realloc(f->cache, room);
    f->disk = realloc(f->disk, room);
    memset(f->cache + f->room, 0, room - f->room);
    memset(f->disk + f->room, 0, room - f->room);
    f->room = room;
}

static void add_patch(file *f, const void *from, uint64_t size, uint64_t at) {
    patch *p = malloc(sizeof(*p) + size);
    *p = (patch){.at = at, .size = size};
    memcpy(p->bytes, from, size);
    *f->last = p;
    f->last = &p->next;
}

/* The part of the patch that lies in that sector. */
static void patch_sector(uint8_t *bytes, const patch *p, uint64_t sector) {
    const uint64_t low = p->at > sector * SECTOR ? p->at : sector * SECTOR;
    const uint64_t end = p->at + p->size;
    const uint64_t high = end < (sector + 1) * SECTOR ? end : (sector + 1) * SECTOR;
    if (low < high) {
        memcpy(bytes + low, p->bytes + (low - p->at), high - low);
    }
}

static int handle_of(disk *d, int to) {
    for (int i = 1; i < HANDLES; i++) {
        if (d->handles[i] == 0) {
            d->handles[i] = to + 1;
            return i;
        }
    }
    return -EMFILE;
}

static file *file_of(disk *d, int fd) {
    return fd > 0 && fd < HANDLES && d->handles[fd] > 0 ? &d->files[d->handles[fd] - 1] : NULL;
}

static int open_directory(disk *d) {
    for (int i = 1; i < HANDLES; i++) {
        if (!d->directories[i]) {
            d->directories[i] = true;
            return DIRECTORY + i;
        }
    }
    return -EMFILE;
}

static bool has_name(const names *n, int of) {
    for (int i = 0; i < n->count; i++) {
        if (n->at[i].file == of) {
            return true;
        }
    }
    return false;
}

/* Can nobody ever see that file again? */
static bool is_lost(const disk *d, int of) {
    bool lost = !has_name(&d->cache, of) && !has_name(&d->disk, of);
    for (int i = 0; i < d->changes_count && lost; i++) {
        lost = d->changes[i].to[0] == '\0' || d->changes[i].file != of;
    }
    for (int i = 0; i < HANDLES && lost; i++) {
        lost = d->handles[i] != of + 1;
    }
    return lost;
}

/* A place for a file, empty; -1: there is none. */
static int new_file(disk *d) {
    int at = 0;
    while (at < d->files_count && !is_lost(d, at)) {
        at++;
    }
    if (at == FILES) {
        return -1;
    }
    file *f = &d->files[at];
    if (at == d->files_count) {
        d->files_count++;
        *f = (file){.last = &f->first};
    }
    forget_patches(f);
    f->size = f->disk_size = 0;
    if (f->room > 0) {
        memset(f->cache, 0, f->room);
        memset(f->disk, 0, f->room);
    }
    make_room(f, SECTOR);
    return at;
}

static int do_open(void *user, int directory, const char *text, unsigned how) {
    disk *d = user;
    (void)directory;
    const int error = failing(d, TRD_IO_OPEN);
    if (error != 0) {
        return error;
    }
    if (how == TRD_IO_DIRECTORY) {
        return open_directory(d);
    }
    const int i = find(&d->cache, text);
    if (how != TRD_IO_TO_WRITE) {
        return i < 0 ? -ENOENT : handle_of(d, d->cache.at[i].file);
    }
    /* A file that is made empty is a new one here: its old bytes cannot come back. */
    const int made = new_file(d);
    if (made < 0) {
        return -ENFILE;
    }
    change_names(d, "", text, made);
    return handle_of(d, made);
}

static int do_close(void *user, int fd) {
    disk *d = user;
    const int error = failing(d, TRD_IO_CLOSE);
    if (fd > DIRECTORY) {
        d->directories[fd - DIRECTORY] = false;
        d->locked = d->locked == fd ? 0 : d->locked;
    } else if (file_of(d, fd) == NULL) {
        return -EBADF;
    } else {
        d->handles[fd] = 0;
    }
    return error; /* closed all the same, as in the system */
}

static int64_t do_size(void *user, int fd) {
    disk *d = user;
    const int error = failing(d, TRD_IO_SIZE);
    const file *f = file_of(d, fd);
    return error != 0 ? error : f == NULL ? -EBADF : (int64_t)f->size;
}

static int64_t do_read(void *user, int fd, void *to, uint64_t size, uint64_t at) {
    disk *d = user;
    const int64_t most = allowed(d, TRD_IO_READ, size);
    const file *f = file_of(d, fd);
    if (most < 0 || f == NULL) {
        return f == NULL ? -EBADF : most;
    }
    const uint64_t left = at < f->size ? f->size - at : 0;
    const uint64_t count = (uint64_t)most < left ? (uint64_t)most : left;
    memcpy(to, f->cache + at, count);
    return (int64_t)count;
}

static int64_t do_write(void *user, int fd, const void *from, uint64_t size, uint64_t at) {
    disk *d = user;
    const int64_t most = allowed(d, TRD_IO_WRITE, size);
    file *f = file_of(d, fd);
    if (most <= 0 || f == NULL) {
        return f == NULL ? -EBADF : most;
    }
    const uint64_t end = at + (uint64_t)most;
    make_room(f, end);
    memcpy(f->cache + at, from, (uint64_t)most);
    f->size = end > f->size ? end : f->size;
    add_patch(f, from, (uint64_t)most, at);
    return most;
}

static int do_allocate(void *user, int fd, uint64_t size) {
    disk *d = user;
    const int error = failing(d, TRD_IO_ALLOCATE);
    file *f = file_of(d, fd);
    if (error != 0 || f == NULL) {
        return f == NULL ? -EBADF : error;
    }
    make_room(f, size);
    f->size = size > f->size ? size : f->size;
    return 0;
}

/* What a failed sync has forgotten is not among the patches any more, and does not come. */
static void sync_file(file *f) {
    for (const patch *p = f->first; p != NULL; p = p->next) {
        memcpy(f->disk + p->at, p->bytes, p->size);
    }
    f->disk_size = f->size;
    forget_patches(f);
}

static void sync_names(disk *d) {
    d->disk = d->cache;
    d->changes_count = 0;
}

static int do_any_sync(disk *d, int fd, unsigned call) {
    const int error = failing(d, call);
    file *f = file_of(d, fd);
    if (f == NULL && fd <= DIRECTORY) {
        return -EBADF;
    }
    if (error == 0 && (d->lies >> call & 1) != 0) {
        return 0;
    }
    if (error == 0) {
        if (f != NULL) {
            sync_file(f);
        } else {
            sync_names(d);
        }
    } else if (error != -EINTR && f != NULL && !d->dead) {
        forget_patches(f); /* still in the cache, and no sync will write them any more */
    }
    return error;
}

static int do_sync(void *user, int fd) {
    return do_any_sync(user, fd, TRD_IO_SYNC);
}

static int do_data_sync(void *user, int fd) {
    return do_any_sync(user, fd, TRD_IO_DATA_SYNC);
}

static int do_drop(void *user, int fd) {
    disk *d = user;
    const int error = failing(d, TRD_IO_DROP);
    file *f = file_of(d, fd);
    if (error != 0 || f == NULL) {
        return f == NULL ? -EBADF : error;
    }
    if (f->first == NULL) {
        memcpy(f->cache, f->disk, f->room);
    }
    return 0;
}

static int do_rename(void *user, int directory, const char *from, const char *to) {
    disk *d = user;
    (void)directory;
    const int error = failing(d, TRD_IO_RENAME);
    const int i = find(&d->cache, from);
    if (error != 0 || i < 0) {
        return error != 0 ? error : -ENOENT;
    }
    change_names(d, from, to, d->cache.at[i].file);
    return 0;
}

static int do_remove(void *user, int directory, const char *text) {
    disk *d = user;
    (void)directory;
    const int error = failing(d, TRD_IO_REMOVE);
    if (error != 0 || find(&d->cache, text) < 0) {
        return error != 0 ? error : -ENOENT;
    }
    change_names(d, text, "", 0);
    return 0;
}

static int do_list(void *user, int directory, int (*each)(void *to, const char *name), void *to) {
    disk *d = user;
    (void)directory;
    int result = failing(d, TRD_IO_LIST);
    for (int i = 0; i < d->cache.count && result == 0; i++) {
        result = each(to, d->cache.at[i].text);
    }
    return result;
}

static int do_lock(void *user, int fd) {
    disk *d = user;
    const int error = failing(d, TRD_IO_LOCK);
    if (error != 0) {
        return error;
    }
    if (d->locked != 0) {
        return -EWOULDBLOCK;
    }
    d->locked = fd;
    return 0;
}

static int do_random(void *user, void *to, uint64_t size) {
    disk *d = user;
    const int error = failing(d, TRD_IO_RANDOM);
    uint8_t *at = to;
    for (uint64_t i = 0; error == 0 && i < size; i++) {
        at[i] = (uint8_t)draw_u64(&d->random);
    }
    return error;
}

/* ---- ring ---- */

static int do_ring_open(void *user, const trd_io_ring_def *def, void **ring) {
    disk *d = user;
    (void)def;
    const int error = failing(d, TRD_IO_RING);
    if (error == 0) {
        d->queued = 0;
        *ring = d;
    }
    return error;
}

static int do_ring_submit(void *user, void *ring, const trd_io_request *requests, uint32_t count) {
    disk *d = user;
    (void)ring;
    const int error = failing(d, TRD_IO_RING);
    if (error != 0 || d->queued + (int)count > QUEUE) {
        return error != 0 ? error : -EBUSY;
    }
    memcpy(d->queue + d->queued, requests, count * sizeof(*requests));
    d->queued += (int)count;
    return 0;
}

static int64_t make(disk *d, const trd_io_request *q) {
    switch (q->call) {
    case TRD_IO_OPEN:
        return do_open(d, q->fd, q->name, q->how);
    case TRD_IO_CLOSE:
        return do_close(d, q->fd);
    case TRD_IO_WRITE:
        return do_write(d, q->fd, q->data, q->size, q->at);
    case TRD_IO_ALLOCATE:
        return do_allocate(d, q->fd, q->size);
    case TRD_IO_SYNC:
        return do_sync(d, q->fd);
    case TRD_IO_DATA_SYNC:
        return do_data_sync(d, q->fd);
    case TRD_IO_RENAME:
        return do_rename(d, q->fd, q->name, q->to);
    default:
        return -EINVAL;
    }
}

static trd_io_request take_queued(disk *d, int at) {
    const trd_io_request q = d->queue[at];
    memmove(d->queue + at, d->queue + at + 1, (size_t)(--d->queued - at) * sizeof(q));
    return q;
}

/* Makes one of the requests that may begin now; those that are linked behind it and cannot begin
 * any more have their results at once. */
static uint32_t make_one(disk *d, trd_io_result *results, uint32_t max) {
    int heads[QUEUE], count = 0;
    for (int i = 0; i < d->queued; i++) {
        if (i == 0 || d->queue[i - 1].link == 0) {
            heads[count++] = i;
        }
    }
    const int at = heads[draw_below(&d->random, (uint64_t)count)];
    bool linked = true, full = true;
    uint32_t done = 0;
    while (linked && done < max && (done == 0 || !full)) {
        const trd_io_request q = take_queued(d, at);
        const int64_t result = full ? make(d, &q) : -ECANCELED;
        full = full && (q.call == TRD_IO_WRITE ? result == (int64_t)q.size : result >= 0);
        linked = q.link != 0;
        results[done++] = (trd_io_result){q.tag, result};
    }
    return done;
}

static int do_ring_reap(
    void *user, void *ring, trd_io_result *results, uint32_t max, unsigned wait) {
    disk *d = user;
    (void)ring;
    uint32_t count = 0;
    while (d->queued > 0 && max - count >= 4 &&
           ((wait != 0 && count == 0) || draw_chance(&d->random, d->pace))) {
        count += make_one(d, results + count, max - count);
    }
    return (int)count;
}

static void do_ring_close(void *user, void *ring) {
    disk *d = user;
    (void)ring;
    d->queued = 0;
}

trd_io_ops disk_ops(disk *d, bool ring) {
    trd_io_ops ops = {.user = d,
        .open = do_open,
        .close = do_close,
        .size = do_size,
        .read = do_read,
        .write = do_write,
        .allocate = do_allocate,
        .sync = do_sync,
        .data_sync = do_data_sync,
        .drop = do_drop,
        .rename = do_rename,
        .remove = do_remove,
        .list = do_list,
        .lock = do_lock,
        .random = do_random};
    if (ring) {
        ops.ring_open = do_ring_open;
        ops.ring_submit = do_ring_submit;
        ops.ring_reap = do_ring_reap;
        ops.ring_close = do_ring_close;
    }
    return ops;
}

/* ---- ends ---- */

/* What was on its way may have been made, or not. */
static void end_requests(disk *d) {
    while (d->queued > 0) {
        const trd_io_request q = take_queued(d, 0);
        if (q.call == TRD_IO_WRITE && !d->dead && draw_chance(&d->random, 50)) {
            make(d, &q);
        }
    }
}

void disk_kill(disk *d) {
    end_requests(d);
    memset(d->handles, 0, sizeof(d->handles));
    memset(d->directories, 0, sizeof(d->directories));
    d->locked = 0;
    d->dead = false;
    d->fault = (disk_fault){0};
    d->calls = 0;
}

static void crash_file(disk *d, file *f) {
    uint64_t patches = 0;
    for (const patch *p = f->first; p != NULL; p = p->next) {
        patches++;
    }
    const int64_t kept = draw_in(&d->random, 0, 100); /* odds of this crash */
    for (uint64_t s = 0; patches > 0 && s < f->room / SECTOR; s++) {
        const uint64_t until =
            draw_chance(&d->random, kept) ? patches : draw_below(&d->random, patches + 1);
        uint64_t i = 0;
        for (const patch *p = f->first; i < until; p = p->next, i++) {
            patch_sector(f->disk, p, s);
        }
    }
    f->disk_size = draw_chance(&d->random, 50) ? f->size : f->disk_size;
    memset(f->disk + f->disk_size, 0, f->room - f->disk_size);
    memcpy(f->cache, f->disk, f->room);
    f->size = f->disk_size;
    forget_patches(f);
}

void disk_crash(disk *d) {
    end_requests(d);
    for (int i = 0; i < d->files_count; i++) {
        crash_file(d, &d->files[i]);
    }
    for (int i = 0; i < d->changes_count; i++) {
        if (draw_chance(&d->random, 50)) {
            apply(&d->disk, &d->changes[i]);
        }
    }
    d->cache = d->disk;
    d->changes_count = 0;
    disk_kill(d);
}

/* ---- looks ---- */

uint8_t *disk_file(disk *d, const char *text, uint64_t *size) {
    const int i = find(&d->cache, text);
    if (i < 0) {
        return NULL;
    }
    file *f = &d->files[d->cache.at[i].file];
    if (size != NULL) {
        *size = f->size;
    }
    return f->cache;
}

void disk_damage(disk *d, const char *text, uint64_t at, uint8_t flip) {
    const int i = find(&d->cache, text);
    file *f = &d->files[d->cache.at[i].file];
    f->cache[at] ^= flip;
    f->disk[at] ^= flip;
}

unsigned disk_open_count(const disk *d) {
    unsigned count = 0;
    for (int i = 0; i < HANDLES; i++) {
        count += (d->handles[i] != 0) + (unsigned)d->directories[i];
    }
    return count;
}
