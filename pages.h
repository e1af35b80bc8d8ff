/*
 * Memory that is compared with checksums, page by page, when it is used for
 * the first time; see compiled.h.
 */
#ifndef PAGES_H
#define PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE = 4096 };

struct pages {
	const unsigned char *at;
	size_t size;		/* bytes */
	const uint32_t *sums;	/* one for each page */
	unsigned char *seen;	/* for each page, whether it was compared */
	bool damaged;		/* some page was not as it should be */
};

/* The checksum of so many bytes, which differs with the seed. */
uint64_t pages_sum(const void *, size_t len, uint64_t seed);

/* The checksum of the nth page of so many bytes. */
uint32_t pages_page_sum(const unsigned char *at, size_t size, size_t n);

/* Whether these bytes, which are part of the memory, are as they should be. */
bool pages_good(struct pages *, const void *, size_t len);

#endif
