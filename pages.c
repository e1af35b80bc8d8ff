#include <string.h>

#include "pages.h"

enum { UNKNOWN, GOOD, BAD };

/*
 * Each step can be undone, so that no change of one word is missed but by the
 * bits that are cut off at the end.
 */
uint64_t
pages_sum(const void *bytes, size_t len, uint64_t seed)
{
	const uint64_t k = UINT64_C(0x9e3779b97f4a7c15);
	const unsigned char *s = bytes;
	uint64_t h = (seed + len + 1) * k, word;

	for (; len >= sizeof(word); s += 8, len -= 8) {
		memcpy(&word, s, sizeof(word));
		h = (h ^ word) * k;
		h ^= h >> 29;
	}
	word = 0;
	memcpy(&word, s, len);
	h = (h ^ word) * k;
	return h ^ h >> 32;
}

uint32_t
pages_page_sum(const unsigned char *at, size_t size, size_t n)
{
	size_t left = size - n * PAGE;

	return (uint32_t)pages_sum(at + n * PAGE, left < PAGE ? left : PAGE,
	    n);
}

static bool
page_good(struct pages *p, size_t n)
{
	if (p->seen[n] == UNKNOWN) {
		p->seen[n] = pages_page_sum(p->at, p->size, n) == p->sums[n] ?
		    GOOD : BAD;
		if (p->seen[n] == BAD)
			p->damaged = true;
	}
	return p->seen[n] == GOOD;
}

bool
pages_good(struct pages *p, const void *at, size_t len)
{
	size_t from = (size_t)((const unsigned char *)at - p->at);
	size_t n = from / PAGE, last = (from + len - (len > 0)) / PAGE;

	for (; n <= last; n++)
		if (!page_good(p, n))
			return false;
	return true;
}
