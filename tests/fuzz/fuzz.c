#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

unsigned long long fuzz_work;

void
fuzz_check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: this does not hold: %s\n", what);
	abort();
}

static void
show(const char *which, struct span s, size_t from)
{
	struct text t = { 0 };

	text_add_visible(&t, (struct span){ s.s + from, s.len - from }, 400);
	fprintf(stderr, "%s, from byte %zu of %zu on: %.*s\n", which, from,
	    s.len, (int)t.len, t.s);
	text_free(&t);
}

void
fuzz_check_same(struct span a, struct span b, const char *what)
{
	size_t i = 0;

	if (span_equal(a, b))
		return;
	while (i < a.len && i < b.len && a.s[i] == b.s[i])
		i++;
	i -= i < 40 ? i : 40;
	show("one", a, i);
	show("other", b, i);
	fuzz_check(false, what);
}

void
fuzz_check_work(unsigned long long begun, size_t bytes,
    unsigned long long fixed, unsigned long long per_byte)
{
	static unsigned long long most;
	unsigned long long work = fuzz_work - begun;

	if (work > fixed && (work - fixed) / (bytes + 1) > most &&
	    getenv("FUZZ_SHOW_WORK") != NULL) {
		most = (work - fixed) / (bytes + 1);
		fprintf(stderr, "work: %llu for each of %zu bytes\n", most,
		    bytes);
	}
	if (work <= fixed + per_byte * bytes)
		return;
	fprintf(stderr, "fuzz: %llu steps for %zu bytes\n", work, bytes);
	fuzz_check(false, "the work is linear in the input");
}

/* The functions that the linker puts here, and what they stand for. */
void __wrap___sanitizer_cov_trace_pc(void);
void *__real_memchr(const void *, int, size_t);
void *__wrap_memchr(const void *, int, size_t);

/* Called wherever the program branches. */
void
__wrap___sanitizer_cov_trace_pc(void)
{
	fuzz_work++;
}

void *
__wrap_memchr(const void *s, int c, size_t n)
{
	void *found = __real_memchr(s, c, n);

	fuzz_work += (found == NULL ? n :
	    (size_t)((const char *)found - (const char *)s)) / 8;
	return found;
}

#if __has_feature(address_sanitizer)
void *__real___asan_memcpy(void *, const void *, size_t);
void *__wrap___asan_memcpy(void *, const void *, size_t);
void *__real___asan_memmove(void *, const void *, size_t);
void *__wrap___asan_memmove(void *, const void *, size_t);

void *
__wrap___asan_memcpy(void *to, const void *from, size_t n)
{
	fuzz_work += n / 8;
	return __real___asan_memcpy(to, from, n);
}

void *
__wrap___asan_memmove(void *to, const void *from, size_t n)
{
	fuzz_work += n / 8;
	return __real___asan_memmove(to, from, n);
}
#endif
