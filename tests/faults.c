/*
 * Stands between the program and the C library, and fails as ordered; see
 * faults.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "confine.h"
#include "faults.h"
#include "rules.h"
#include "text.h"

#ifdef __GLIBC__
#include <execinfo.h>
#endif

/* What the linker makes of the names: __real_ is that of the library. */
void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__real_mmap(void *, size_t, int, int, int, off_t);
char *__real_realpath(const char *, char *);
ssize_t __real_read(int, void *, size_t);
ssize_t __real_pread(int, void *, size_t, off_t);
ssize_t __real_write(int, const void *, size_t);
int __real_close(int);
int __real_poll(struct pollfd *, nfds_t, int);
int __real_open(const char *, int, ...);
int __real_stat(const char *, struct stat *);
int __real_fstat(int, struct stat *);
int __real_mkstemp(char *);
FILE *__real_tmpfile(void);
int __real_fchmod(int, mode_t);
int __real_fsync(int);
int __real_rename(const char *, const char *);
off_t __real_lseek(int, off_t, int);
int __real_ftruncate(int, off_t);
int __real_confine(void);
void __real_rules_expect(struct rules *, size_t, size_t);
int __real_text_reserve(struct text *, size_t);
int __real_text_add(struct text *, const char *, size_t);
int __real_text_add_span(struct text *, struct span);
int __real_text_add_byte(struct text *, char);
int __real_text_add_visible(struct text *, struct span, size_t);
int __real_text_vprintf(struct text *, const char *, va_list);
void *__real_array_grow(void *, size_t *, size_t, size_t);

void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
void *__wrap_mmap(void *, size_t, int, int, int, off_t);
char *__wrap_realpath(const char *, char *);
ssize_t __wrap_read(int, void *, size_t);
ssize_t __wrap___read_chk(int, void *, size_t, size_t);
int __wrap___open_2(const char *, int);
ssize_t __wrap_pread(int, void *, size_t, off_t);
ssize_t __wrap_write(int, const void *, size_t);
int __wrap_close(int);
int __wrap_poll(struct pollfd *, nfds_t, int);
int __wrap_open(const char *, int, ...);
int __wrap_stat(const char *, struct stat *);
int __wrap_fstat(int, struct stat *);
int __wrap_mkstemp(char *);
FILE *__wrap_tmpfile(void);
int __wrap_fchmod(int, mode_t);
int __wrap_fsync(int);
int __wrap_rename(const char *, const char *);
off_t __wrap_lseek(int, off_t, int);
int __wrap_ftruncate(int, off_t);
int __wrap_confine(void);
void __wrap_rules_expect(struct rules *, size_t, size_t);
int __wrap_text_reserve(struct text *, size_t);
int __wrap_text_add(struct text *, const char *, size_t);
int __wrap_text_add_span(struct text *, struct span);
int __wrap_text_add_byte(struct text *, char);
int __wrap_text_add_visible(struct text *, struct span, size_t);
int __wrap_text_printf(struct text *, const char *, ...);
int __wrap_text_vprintf(struct text *, const char *, va_list);
void *__wrap_array_grow(void *, size_t *, size_t, size_t);

enum { SHORT = -1, END = -2, MOST_ORDERS = 8, MOST_DESCRIPTORS = 64 };

struct order {
	enum fault_call call;
	unsigned long number;	/* 0: all */
	int error;
};

static const struct {
	const char *name;
	int error;
} errors[] = {
	{ "short", SHORT }, { "end", END }, { "EACCES", EACCES },
	{ "EAGAIN", EAGAIN }, { "EBADF", EBADF }, { "EDQUOT", EDQUOT },
	{ "EFAULT", EFAULT }, { "EINTR", EINTR }, { "EINVAL", EINVAL },
	{ "EIO", EIO }, { "EMFILE", EMFILE }, { "ENOMEM", ENOMEM },
	{ "ENOSPC", ENOSPC }, { "ENOSYS", ENOSYS }, { "EPERM", EPERM },
	{ "EPIPE", EPIPE },
};

static struct order orders[MOST_ORDERS];
static size_t n_orders;
static struct fault_report nowhere, *report = &nowhere;
static bool made[MOST_DESCRIPTORS];	/* by the program */
static bool over;		/* what is still called is not the program's */

static _Noreturn void
refuse(const char *what)
{
	fprintf(stderr, "faults: %s\n", what);
	_exit(FAULT_REFUSED);
}

static void
read_order(const char *s, struct order *order)
{
	size_t call = 0, error = 0, len = strcspn(s, ":");
	const size_t n = sizeof(errors) / sizeof(*errors);
	char *end;

	while (call < FAULT_CALLS && (strncmp(fault_names[call], s, len) != 0 ||
	    fault_names[call][len] != '\0'))
		call++;
	if (call == FAULT_CALLS || s[len] == '\0')
		refuse("FAULT names no call");
	order->call = (enum fault_call)call;
	s += len + 1;
	order->number = *s == '*' ? 0 : strtoul(s, &end, 10);
	s = *s == '*' ? s + 1 : end;
	len = strcspn(s, ",");
	while (error < n && (len == 0 || s[0] != ':' ||
	    strncmp(errors[error].name, s + 1, len - 1) != 0 ||
	    errors[error].name[len - 1] != '\0'))
		error++;
	if (error == n)
		refuse("FAULT names no error");
	order->error = errors[error].error;
}

static void
map_report(const char *name)
{
	int fd = __real_open(name, O_RDWR);
	void *at = MAP_FAILED;

	if (fd != -1)
		at = __real_mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		refuse("the file FAULT_REPORT cannot be mapped");
	__real_close(fd);
	report = at;
}

/* What a tool that the program is linked with calls at its end. */
static void
end_faults(void)
{
	over = true;
}

static void __attribute__((constructor))
begin_faults(void)
{
	const char *s = getenv("FAULT"), *name = getenv("FAULT_REPORT");

	while (s != NULL && *s != '\0') {
		if (n_orders == MOST_ORDERS)
			refuse("FAULT has too many orders");
		read_order(s, &orders[n_orders++]);
		s += strcspn(s, ",");
		s += *s == ',';
	}
	if (name != NULL)
		map_report(name);
	if (atexit(end_faults) != 0)
		refuse("atexit failed");
}

/*
 * The functions that led here, as one number that is the same in each run;
 * of the addresses only those in the program itself are.
 */
static uint64_t
way_here(void)
{
	uint64_t way = 0;
#ifdef __GLIBC__
	extern const char __executable_start[], etext[];
	enum { MOST_FRAMES = 64 };
	void *frames[MOST_FRAMES];
	int i, n = backtrace(frames, MOST_FRAMES);
	const char *at;

	for (i = 0; i < n; i++) {
		at = frames[i];
		if (at >= __executable_start && at < etext)
			way = (way ^ (uint64_t)(at - __executable_start)) *
			    UINT64_C(0x9e3779b97f4a7c15);
	}
#endif
	return way;
}

/* Whether a call for memory is one more by a way that is known. */
static bool
is_known(enum fault_call call, unsigned long number, uint64_t way)
{
	static uint64_t ways[2 * FAULT_MOST_CALLS];
	size_t i;

	if (call > FAULT_TEXT)
		return false;
	if (way == 0)
		return number > FAULT_UNKNOWN_WAYS;
	way += (uint64_t)call;
	i = way % (2 * FAULT_MOST_CALLS);
	while (ways[i] != 0 && ways[i] != way)
		i = (i + 1) % (2 * FAULT_MOST_CALLS);
	if (ways[i] == way)
		return true;
	ways[i] = way;
	return false;
}

static void
put_down(enum fault_call call)
{
	uint64_t way = way_here();

	if (is_known(call, report->calls[call], way))
		return;
	if (report->n == FAULT_MOST_CALLS)
		refuse("there are too many calls");
	report->made[report->n].call = (uint32_t)call;
	report->made[report->n].number = (uint32_t)report->calls[call];
	report->made[report->n++].way = way;
}

/* Counts a call.  What it is to fail with, SHORT, END, or 0. */
static int
ordered(enum fault_call call)
{
	unsigned long number;
	size_t i;

	if (over)
		return 0;
	number = ++report->calls[call];
	if (report->wanted)
		put_down(call);
	for (i = 0; i < n_orders; i++)
		if (orders[i].call == call && (orders[i].number == 0 ||
		    orders[i].number == number))
			return orders[i].error;
	return 0;
}

/* The same for calls that are done or not; errno is set. */
static bool
fails(enum fault_call call)
{
	int error = ordered(call);

	if (error == 0)
		return false;
	errno = error;
	return true;
}

/* Which of three calls it is by its descriptor. */
static enum fault_call
by_descriptor(int fd, enum fault_call standard, enum fault_call table,
    enum fault_call file)
{
	if (fd <= STDERR_FILENO)
		return standard;
	return fd < MOST_DESCRIPTORS && made[fd] ? file : table;
}

static void
note_made(int fd, bool is_made)
{
	if (fd >= 0 && fd < MOST_DESCRIPTORS)
		made[fd] = is_made;
}

/*
 * The same for calls that read or write *len bytes, which may become fewer;
 * *result is what they return if they fail.
 */
static bool
falls_short(enum fault_call call, size_t *len, ssize_t *result)
{
	int error = ordered(call);

	if (error == SHORT && *len > 1)
		*len /= 2;
	if (error == SHORT || error == 0)
		return false;
	*result = error == END ? 0 : -1;
	if (error != END)
		errno = error;
	return true;
}

void *
__wrap_malloc(size_t size)
{
	return fails(FAULT_MALLOC) ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails(FAULT_CALLOC) ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *at, size_t size)
{
	return fails(FAULT_REALLOC) ? NULL : __real_realloc(at, size);
}

void *
__wrap_mmap(void *at, size_t len, int protection, int flags, int fd,
    off_t offset)
{
	return fails(FAULT_MMAP) ? MAP_FAILED : __real_mmap(at, len,
	    protection, flags, fd, offset);
}

char *
__wrap_realpath(const char *path, char *resolved)
{
	return fails(FAULT_REALPATH) ? NULL : __real_realpath(path, resolved);
}

ssize_t
__wrap_read(int fd, void *at, size_t len)
{
	ssize_t n;

	return falls_short(by_descriptor(fd, FAULT_READ, FAULT_TABLE_READ,
	    FAULT_MADE_READ), &len, &n) ? n : __real_read(fd, at, len);
}

/* What glibc may call in the place of open(), with _FORTIFY_SOURCE. */
int
__wrap___open_2(const char *path, int flags)
{
	return __wrap_open(path, flags);
}

/* The same for read(). */
ssize_t
__wrap___read_chk(int fd, void *at, size_t len, size_t room)
{
	if (len > room)
		abort();
	return __wrap_read(fd, at, len);
}

ssize_t
__wrap_pread(int fd, void *at, size_t len, off_t from)
{
	ssize_t n;

	return falls_short(by_descriptor(fd, FAULT_TABLE_PREAD,
	    FAULT_TABLE_PREAD, FAULT_MADE_READ), &len, &n) ? n :
	    __real_pread(fd, at, len, from);
}

ssize_t
__wrap_write(int fd, const void *at, size_t len)
{
	ssize_t n;

	if (fd == STDERR_FILENO)	/* what a test looks at */
		return __real_write(fd, at, len);
	return falls_short(by_descriptor(fd, FAULT_WRITE, FAULT_MADE_WRITE,
	    FAULT_MADE_WRITE), &len, &n) ? n : __real_write(fd, at, len);
}

/* Closes it in any case, as most systems do. */
int
__wrap_close(int fd)
{
	int error = ordered(by_descriptor(fd, FAULT_CLOSE, FAULT_TABLE_CLOSE,
	    FAULT_MADE_CLOSE));
	int result = __real_close(fd);

	note_made(fd, false);
	if (error == 0)
		return result;
	errno = error;
	return -1;
}

int
__wrap_poll(struct pollfd *p, nfds_t n, int timeout)
{
	return fails(FAULT_POLL) ? -1 : __real_poll(p, n, timeout);
}

int
__wrap_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if (flags & O_CREAT) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	return fails(FAULT_OPEN) ? -1 : __real_open(path, flags, mode);
}

int
__wrap_stat(const char *path, struct stat *status)
{
	return fails(FAULT_STAT) ? -1 : __real_stat(path, status);
}

int
__wrap_fstat(int fd, struct stat *status)
{
	return fails(FAULT_FSTAT) ? -1 : __real_fstat(fd, status);
}

int
__wrap_mkstemp(char *template)
{
	int fd = fails(FAULT_MKSTEMP) ? -1 : __real_mkstemp(template);

	note_made(fd, true);
	return fd;
}

FILE *
__wrap_tmpfile(void)
{
	FILE *f = fails(FAULT_TMPFILE) ? NULL : __real_tmpfile();

	if (f != NULL)
		note_made(fileno(f), true);
	return f;
}

int
__wrap_fchmod(int fd, mode_t mode)
{
	return fails(FAULT_FCHMOD) ? -1 : __real_fchmod(fd, mode);
}

int
__wrap_fsync(int fd)
{
	return fails(FAULT_FSYNC) ? -1 : __real_fsync(fd);
}

int
__wrap_rename(const char *from, const char *to)
{
	return fails(FAULT_RENAME) ? -1 : __real_rename(from, to);
}

off_t
__wrap_lseek(int fd, off_t offset, int whence)
{
	return fails(FAULT_SEEK) ? -1 : __real_lseek(fd, offset, whence);
}

int
__wrap_ftruncate(int fd, off_t len)
{
	return fails(FAULT_TRUNCATE) ? -1 : __real_ftruncate(fd, len);
}

void
__wrap_rules_expect(struct rules *r, size_t lines, size_t bytes)
{
	if (!fails(FAULT_EXPECT))
		__real_rules_expect(r, lines, bytes);
}

int
__wrap_confine(void)
{
	return fails(FAULT_CONFINE) ? -1 : __real_confine();
}

#ifdef __linux__
int __real_prctl(int, ...);
long __real_syscall(long, ...);
int __wrap_prctl(int, ...);
long __wrap_syscall(long, ...);

int
__wrap_prctl(int option, ...)
{
	unsigned long a[4];
	va_list args;
	size_t i;

	va_start(args, option);
	for (i = 0; i < 4; i++)
		a[i] = va_arg(args, unsigned long);
	va_end(args);
	return fails(FAULT_PRCTL) ? -1 : __real_prctl(option, a[0], a[1],
	    a[2], a[3]);
}

/* As seccomp(2) is called, which has no other name in the library. */
long
__wrap_syscall(long number, ...)
{
	unsigned operation, flags;
	va_list args;
	void *at;

	va_start(args, number);
	operation = va_arg(args, unsigned);
	flags = va_arg(args, unsigned);
	at = va_arg(args, void *);
	va_end(args);
	return fails(FAULT_SYSCALL) ? -1 : __real_syscall(number, operation,
	    flags, at);
}
#endif

int
__wrap_text_reserve(struct text *t, size_t more)
{
	return fails(FAULT_TEXT) ? -1 : __real_text_reserve(t, more);
}

/* What is empty needs no room. */
int
__wrap_text_add(struct text *t, const char *s, size_t len)
{
	return len > 0 && fails(FAULT_TEXT) ? -1 : __real_text_add(t, s, len);
}

int
__wrap_text_add_span(struct text *t, struct span a)
{
	return a.len > 0 && fails(FAULT_TEXT) ? -1 :
	    __real_text_add_span(t, a);
}

int
__wrap_text_add_byte(struct text *t, char c)
{
	return fails(FAULT_TEXT) ? -1 : __real_text_add_byte(t, c);
}

int
__wrap_text_add_visible(struct text *t, struct span a, size_t most)
{
	return a.len > 0 && fails(FAULT_TEXT) ? -1 :
	    __real_text_add_visible(t, a, most);
}

int
__wrap_text_vprintf(struct text *t, const char *format, va_list args)
{
	return fails(FAULT_TEXT) ? -1 : __real_text_vprintf(t, format, args);
}

int
__wrap_text_printf(struct text *t, const char *format, ...)
{
	va_list args;
	int result;

	if (fails(FAULT_TEXT))
		return -1;
	va_start(args, format);
	result = __real_text_vprintf(t, format, args);
	va_end(args);
	return result;
}

void *
__wrap_array_grow(void *array, size_t *size, size_t used, size_t element)
{
	return fails(FAULT_TEXT) ? NULL : __real_array_grow(array, size, used,
	    element);
}
