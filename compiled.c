#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "block.h"
#include "compiled.h"

/*
 * VERSION_NUMBER counts up with each change of what stands in a block.  What
 * is added behind the parts lets one byte be read past the end of each.
 */
enum { VERSION_NUMBER = 1, ALIGNED = 8, BEHIND = 8, FEW_PAGES = 64 };

/* No text begins with a NUL. */
static const char magic[8] = { '\0', 'r', 'e', 'w', 'r', 'i', 't', 'e' };

/* Reads otherwise where bytes or bits are in another order. */
static const struct rule layout = { .line = 0x01020304, .local = 5,
	.domain = 0x1234567, .scope = 1, .next = 0x89abcde, .locals = 3 };

struct head {
	char magic[8];
	struct rule layout;
	uint32_t version;
	uint64_t sum;		/* of all that is behind it, to the body */
	uint64_t size;		/* of the file */
	uint64_t body;		/* where it begins */
	struct header header;
	struct {
		uint64_t at;	/* in the body */
		uint32_t count;
		uint32_t unused;
	} parts[PARTS];
};

enum { SUMMED = offsetof(struct head, size) };

bool
compiled_begins(struct span s)
{
	return s.len >= sizeof(magic) && memcmp(s.s, magic, sizeof(magic)) == 0;
}

static size_t
align(size_t size, size_t to)
{
	return (size + to - 1) / to * to;
}

static size_t
count_pages(size_t size)
{
	return (size + PAGE - 1) / PAGE;
}

/* Fills in the head but for its checksum. */
static void
make_head(const struct rules *r, struct head *head)
{
	size_t size = 0, i;

	memset(head, 0, sizeof(*head));
	memcpy(head->magic, magic, sizeof(magic));
	head->layout = layout;
	head->version = VERSION_NUMBER;
	head->header = r->header;
	for (i = 0; i < PARTS; i++) {
		head->parts[i].at = size;
		head->parts[i].count = r->parts[i].count;
		size = align(size + r->parts[i].count *
		    block_size((enum part_kind)i) + BEHIND, ALIGNED);
	}
	head->body = align(sizeof(*head) + count_pages(size) *
	    sizeof(uint32_t), PAGE);
	head->size = head->body + size;
}

static uint64_t
head_sum(const char *image, size_t body)
{
	return pages_sum(image + SUMMED, body - SUMMED, 0);
}

/* Whether the head and the sums behind it fit into the file. */
static bool
is_whole(const struct head *head, size_t size)
{
	return head->size == size && head->body < size &&
	    head->body % PAGE == 0 && head->body >= sizeof(*head) +
	    count_pages(size - head->body) * sizeof(uint32_t);
}

bool
compiled_seal(struct text *t)
{
	struct head head;
	size_t i, size;
	uint32_t sum;

	if (t->len < sizeof(head))
		return false;
	memcpy(&head, t->s, sizeof(head));
	if (!is_whole(&head, t->len))
		return false;
	size = t->len - head.body;
	for (i = 0; i < count_pages(size); i++) {
		sum = pages_page_sum((unsigned char *)t->s + head.body, size,
		    i);
		memcpy(t->s + sizeof(head) + i * sizeof(sum), &sum,
		    sizeof(sum));
	}
	head.sum = head_sum(t->s, head.body);
	memcpy(t->s, &head, sizeof(head));
	return true;
}

int
compiled_make(const struct rules *r, struct text *t)
{
	struct head head;
	size_t i, len;

	make_head(r, &head);
	if (head.size > SIZE_MAX || text_reserve(t, head.size) == -1) {
		errno = ENOMEM;
		return -1;
	}
	t->len = head.size;
	memset(t->s, 0, t->len);
	memcpy(t->s, &head, sizeof(head));
	for (i = 0; i < PARTS; i++) {
		len = r->parts[i].count * block_size((enum part_kind)i);
		if (len > 0)
			memcpy(t->s + head.body + head.parts[i].at,
			    r->parts[i].at, len);
	}
	compiled_seal(t);
	return 0;
}

/* Whether a hash table can be walked. */
static bool
is_index(uint32_t count, const struct index *index)
{
	return (count & (count - 1)) == 0 &&
	    (index->numbers & (index->numbers + 1)) == 0;
}

/* The parts, if they are in the body. */
static bool
set_parts(struct rules *r, const struct head *head, char *body, size_t size)
{
	uint64_t len;
	size_t i;

	for (i = 0; i < PARTS; i++) {
		len = (uint64_t)head->parts[i].count *
		    block_size((enum part_kind)i);
		if (head->parts[i].at % ALIGNED != 0 ||
		    head->parts[i].at > size || len + BEHIND > size -
		    head->parts[i].at)
			return false;
		if (i >= DOMAIN_INDEX && !is_index(head->parts[i].count,
		    &head->header.indexes[i]))
			return false;
		r->parts[i] = (struct part){ body + head->parts[i].at,
			head->parts[i].count, 0 };
	}
	r->header = head->header;
	return true;
}

/* A small table is compared with its checksums now. */
static bool
set_pages(struct rules *r, const struct head *head, char *image)
{
	struct pages *p = r->pages;
	size_t n;

	p->at = (unsigned char *)image + head->body;
	p->size = head->size - head->body;
	p->sums = (const uint32_t *)(const void *)(image + sizeof(*head));
	n = count_pages(p->size);
	if ((p->seen = calloc(n, 1)) == NULL)
		return false;
	if (n <= FEW_PAGES)
		p->damaged = !pages_good(p, p->at, p->size);
	return true;
}

static enum compiled_found
set_regexes(struct rules *r)
{
	uint32_t n, count = r->parts[REGEXES].count;
	const char *why;

	if (count <= 1)
		return COMPILED_GOOD;
	if ((r->regexes = calloc(count, sizeof(*r->regexes))) == NULL)
		return COMPILED_FAILED;
	r->size_regexes = count;
	for (n = 1; n < count; n++) {
		r->regexes[n] = ere_compile(block_regex_text(r, n), &why);
		if (r->regexes[n] == NULL)
			return why == NULL ? COMPILED_FAILED : COMPILED_REGEX;
	}
	return COMPILED_GOOD;
}

static enum compiled_found
load(struct rules *r, char *image, size_t size)
{
	struct head head;

	if (size < offsetof(struct head, sum))
		return COMPILED_ALTERED;
	memcpy(&head, image, size < sizeof(head) ? size : sizeof(head));
	if (memcmp(&head.layout, &layout, sizeof(layout)) != 0)
		return COMPILED_FOREIGN;
	if (head.version != VERSION_NUMBER)
		return COMPILED_VERSION;
	if (size < sizeof(head) || !is_whole(&head, size) ||
	    head.sum != head_sum(image, head.body) ||
	    !set_parts(r, &head, image + head.body, size - head.body))
		return COMPILED_ALTERED;
	if (!set_pages(r, &head, image))
		return COMPILED_FAILED;
	return r->pages->damaged ? COMPILED_ALTERED : set_regexes(r);
}

/* Maps the file, if it is one. */
static bool
map(struct rules *r, int fd)
{
	struct stat status;
	void *at;

	if (fstat(fd, &status) == -1 || !S_ISREG(status.st_mode) ||
	    status.st_size <= 0 || (uintmax_t)status.st_size > SIZE_MAX)
		return false;
	at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return false;
	r->image = at;
	r->image_size = (size_t)status.st_size;
	r->mapped = true;
	return true;
}

/* Reads all of the input, and takes over as much of its memory as it needs. */
static bool
read_all(struct rules *r, struct input *in)
{
	char *image;

	while (input_more(in))
		;
	if (in->error != 0) {
		errno = in->error;
		return false;
	}
	image = in->end == 0 ? NULL : realloc(in->buffer, in->end);
	r->image = image == NULL ? in->buffer : image;
	r->image_size = in->end;
	in->buffer = NULL;
	in->start = in->end = in->size = 0;
	return true;
}

struct rules *
compiled_load(struct input *in, enum compiled_found *found)
{
	struct rules *r = calloc(1, sizeof(*r));

	*found = COMPILED_FAILED;
	if (r == NULL)
		return NULL;
	if ((r->pages = calloc(1, sizeof(*r->pages))) != NULL &&
	    (map(r, in->fd) || read_all(r, in)))
		*found = load(r, r->image, r->image_size);
	if (*found == COMPILED_GOOD)
		return r;
	rules_free(r);
	return NULL;
}

const char *
compiled_problem(enum compiled_found found)
{
	static const char *const problems[] = {
		[COMPILED_GOOD] = "it is good",
		[COMPILED_FOREIGN] = "it was compiled on a machine of another "
		    "kind",
		[COMPILED_VERSION] = "it was compiled by another version of "
		    "rewrite",
		[COMPILED_ALTERED] = "it is cut short or was altered",
		[COMPILED_REGEX] = "it has a regular expression that does not "
		    "compile",
		[COMPILED_FAILED] = "it cannot be read",
	};

	return problems[found];
}

bool
compiled_check(const struct rules *r)
{
	return pages_good(r->pages, r->pages->at, r->pages->size);
}

bool
compiled_damaged(const struct rules *r)
{
	return r->pages != NULL && r->pages->damaged;
}
