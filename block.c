#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "block.h"

enum { FEW_SLOTS = 1024, WORTH_WARMING = 1 << 14 };	/* slots */

enum { LARGE_PAGE = 2 * 1024 * 1024 };	/* bytes, a power of two */

static const struct {
	size_t size;		/* of one */
	uint32_t most;
} kinds[PARTS] = {
	[RULES] = { sizeof(struct rule), MOST_NUMBERED },
	[DOMAINS] = { sizeof(struct domain), MOST_NUMBERED },
	[ROUTES] = { sizeof(uint32_t), UINT32_MAX },
	[STRINGS] = { 1, UINT32_MAX },
	[FILES] = { sizeof(struct file), MOST_NUMBERED },
	[REGEXES] = { sizeof(uint32_t), MOST_NUMBERED },
	[DOMAIN_INDEX] = { sizeof(uint32_t), UINT32_MAX },
	[LOCAL_INDEX] = { sizeof(uint32_t), UINT32_MAX },
};

bool
block_new(struct rules *r)
{
	int i;

	for (i = 0; i < DOMAIN_INDEX; i++) {
		block_add(r, (enum part_kind)i, 1);
		if (r->parts[i].count == 0)
			return false;
		memset(r->parts[i].at, 0, kinds[i].size);
	}
	return true;
}

void
block_free(struct rules *r)
{
	size_t i;

	if (r->pages == NULL) {
		for (i = 0; i < PARTS; i++)
			free(r->parts[i].at);
		return;
	}
	if (r->mapped)
		munmap(r->image, r->image_size);
	else
		free(r->image);
	free(r->pages->seen);
	free(r->pages);
}

size_t
block_size(enum part_kind kind)
{
	return kinds[kind].size;
}

/*
 * A table of many megabytes is looked up all over: where the system has larger
 * pages, fewer of them have to be made and found.  It is only to save time.
 */
static void
take_large_pages(void *at, size_t size)
{
#ifdef MADV_HUGEPAGE
	size_t skip = -(uintptr_t)at & (LARGE_PAGE - 1);

	if (size >= (size_t)2 * LARGE_PAGE)
		madvise((char *)at + skip, (size - skip) &
		    ~(size_t)(LARGE_PAGE - 1), MADV_HUGEPAGE);
#else
	(void)at;
	(void)size;
#endif
}

static bool
resize(struct part *part, enum part_kind kind, size_t size)
{
	void *at;

	if (size > SIZE_MAX / kinds[kind].size ||
	    (at = realloc(part->at, size * kinds[kind].size)) == NULL) {
		errno = ENOMEM;
		return false;
	}
	take_large_pages(at, size * kinds[kind].size);
	part->at = at;
	part->size = (uint32_t)size;
	return true;
}

/* Half as much again, as long as more than is needed can be had. */
static bool
make_room(struct part *part, enum part_kind kind, size_t more)
{
	size_t size = (size_t)part->size * (GROW_TIMES + 1) / 2 + GROW_BYTES;
	size_t most = kinds[kind].most;

	if (more <= part->size - part->count)
		return true;
	if (more > most - part->count) {
		errno = EFBIG;
		return false;
	}
	if (size < part->count + more)
		size = part->count + more;
	return resize(part, kind, size < most ? size : most);
}

uint32_t
block_add(struct rules *r, enum part_kind kind, size_t n)
{
	struct part *part = &r->parts[kind];
	uint32_t first = part->count;

	if (n > part->size - part->count && !make_room(part, kind, n))
		return 0;
	part->count += (uint32_t)n;
	return first;
}

void
block_expect(struct rules *r, enum part_kind kind, size_t more)
{
	make_room(&r->parts[kind], kind, more);
}

uint32_t
block_put_byte(struct rules *r, unsigned char c)
{
	uint32_t n = block_add(r, STRINGS, 1);

	if (n != 0)
		((unsigned char *)r->parts[STRINGS].at)[n] = c;
	return n;
}

/* Fails by 0. */
static uint32_t
add_string(struct rules *r, struct span s)
{
	uint32_t len = (uint32_t)s.len, n;
	size_t head = s.len < LONG_STRING ? 1 : 1 + sizeof(len);
	unsigned char *to;

	if (s.len > UINT32_MAX - head) {
		errno = EFBIG;
		return 0;
	}
	if ((n = block_add(r, STRINGS, head + s.len)) == 0)
		return 0;
	to = (unsigned char *)r->parts[STRINGS].at + n;
	*to = (unsigned char)(s.len < LONG_STRING ? s.len : LONG_STRING);
	if (s.len >= LONG_STRING)
		memcpy(to + 1, &len, sizeof(len));
	if (s.len > 0)
		memcpy(to + head, s.s, s.len);
	return n;
}

bool
block_put_string(struct rules *r, struct span s, uint32_t *n)
{
	*n = s.len == 0 ? 0 : add_string(r, s);
	return *n != 0 || s.len == 0;
}

bool
block_append_string(struct rules *r, struct span s)
{
	return add_string(r, s) != 0;
}

unsigned char
block_byte(const struct rules *r, uint32_t n)
{
	return block_has(r, STRINGS, n, 1) ?
	    ((const unsigned char *)r->parts[STRINGS].at)[n] : 0;
}

struct span
block_any_string(const struct rules *r, uint32_t number, uint32_t *n)
{
	const char *s = (const char *)r->parts[STRINGS].at + number;
	size_t left = r->parts[STRINGS].count;
	uint32_t len = block_byte(r, number), head = 1;

	left = number < left ? left - number : 0;
	if (len == LONG_STRING && left > sizeof(len) &&
	    block_good(r, s, 1 + sizeof(len))) {
		memcpy(&len, s + 1, sizeof(len));
		head += (uint32_t)sizeof(len);
	}
	if (left < head || len > left - head || !block_good(r, s, head + len))
		return (struct span){ "", 0 };
	if (n != NULL)
		*n = number + head + len;
	return (struct span){ s + head, len };
}

const struct ere *
block_regex(const struct rules *r, const struct rule *rule)
{
	return rule->locals == LOCAL_REGEX && rule->domain < r->size_regexes ?
	    r->regexes[rule->domain] : NULL;
}

struct span
block_regex_text(const struct rules *r, uint32_t n)
{
	uint32_t rule = block_has(r, REGEXES, n, sizeof(rule)) ?
	    ((const uint32_t *)r->parts[REGEXES].at)[n] : 0;

	return block_string(r, block_rule(r, rule)->local, NULL);
}

static uint32_t
mix(uint64_t h)
{
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	return (uint32_t)(h >> 32);
}

static uint64_t
scramble(uint64_t h)
{
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

/*
 * Eight bytes at a time, the last eight of them maybe not for the first time.
 * The case of letters makes no difference to it.  Setting bit 5 of every
 * byte makes a few more bytes alike, which only a comparison has to tell.
 */
static uint64_t
hash(struct span a)
{
	const uint64_t fold = UINT64_C(0x2020202020202020);
	const uint64_t k = UINT64_C(0x9e3779b97f4a7c15);
	const char *end;
	uint64_t h = a.len * k, word = 0;
	size_t i;

	if (a.len < sizeof(word)) {
		for (i = 0; i < a.len; i++)
			word = word << 8 | (unsigned char)a.s[i];
		return scramble(h ^ (word | fold));
	}
	end = a.s + a.len;
	for (; end - a.s > 8; a.s += 8) {
		memcpy(&word, a.s, sizeof(word));
		h = scramble(h ^ (word | fold));
	}
	memcpy(&word, end - 8, sizeof(word));
	return scramble(h ^ (word | fold));
}

static uint32_t
domain_hash(enum role role, struct span name)
{
	return mix(hash(name) + (uint64_t)role);
}

static uint32_t
local_hash(uint64_t local, enum role role, uint32_t domain, enum scope scope,
    enum locals locals)
{
	return mix(local + domain * UINT64_C(0xff51afd7ed558ccd) +
	    (uint64_t)role * 64 + (uint64_t)scope * 8 + (uint64_t)locals);
}

/* The hash by which something was entered. */
static uint32_t
hash_of(const struct rules *r, enum part_kind index, uint32_t n)
{
	const struct domain *d;
	const struct rule *rule;

	if (index == DOMAIN_INDEX) {
		d = block_domain(r, n);
		return domain_hash((enum role)d->role,
		    block_string(r, d->name, NULL));
	}
	rule = block_rule(r, n);
	return local_hash(hash(block_string(r, rule->local, NULL)),
	    (enum role)rule->role, rule->locals == LOCAL_REGEX ? 0 :
	    rule->domain, (enum scope)rule->scope, (enum locals)rule->locals);
}

static void
put_slot(struct part *slots, uint32_t numbers, uint32_t h, uint32_t n)
{
	uint32_t *slot = slots->at;
	uint32_t i = h & (slots->size - 1);

	while (slot[i] != 0)
		i = (i + 1) & (slots->size - 1);
	slot[i] = (h & ~numbers) | n;
}

/* Makes another hash table of the same, of a power of two slots. */
static bool
rebuild(struct rules *r, enum part_kind which, size_t size, uint32_t numbers)
{
	struct part new = { .size = (uint32_t)size, .count = (uint32_t)size };
	struct part *old = &r->parts[which];
	struct index *index = &r->header.indexes[which];
	const uint32_t *slots = old->at;
	uint32_t i, n;

	if (size > UINT32_MAX) {
		errno = EFBIG;
		return false;
	}
	if ((new.at = calloc(size, sizeof(*slots))) == NULL)
		return false;
	take_large_pages(new.at, size * sizeof(*slots));
	for (i = 0; i < old->count; i++)
		if ((n = slots[i] & index->numbers) != 0)
			put_slot(&new, numbers, hash_of(r, which, n), n);
	free(old->at);
	*old = new;
	index->numbers = numbers;
	return true;
}

/* As many slots as keep a quarter of them free, for what is expected. */
static size_t
expected_size(const struct rules *r)
{
	size_t size = 16;

	while (size < UINT32_MAX / 2 && size / 4 * 3 < r->expected)
		size *= 2;
	return size;
}

/* Of many rules all may be for few domains, whose slots are to be near. */
static size_t
larger_size(const struct rules *r, enum part_kind which, size_t size)
{
	size_t expected = expected_size(r);

	if (size >= expected)
		return size * 2;
	if (which == DOMAIN_INDEX) {
		size = size == 0 ? FEW_SLOTS : size * 8;
		return size < expected ? size : expected;
	}
	return expected;
}

/* Keeps a quarter of the slots free at least, and has bits for the number. */
static bool
grow(struct rules *r, enum part_kind which, uint32_t n)
{
	const struct index *index = &r->header.indexes[which];
	size_t size = r->parts[which].count;
	uint32_t numbers = index->numbers;

	if (size > 0 && n <= numbers && index->used < size / 4 * 3)
		return true;
	if (index->used >= size / 4 * 3)
		size = larger_size(r, which, size);
	while (numbers < size - 1 || numbers < n)
		numbers = numbers * 2 + 1;
	return rebuild(r, which, size, numbers);
}

static bool
enter(struct rules *r, enum part_kind which, uint32_t h, uint32_t n)
{
	if (!grow(r, which, n))
		return false;
	put_slot(&r->parts[which], r->header.indexes[which].numbers, h, n);
	r->header.indexes[which].used++;
	return true;
}

bool
block_enter_domain(struct rules *r, enum role role, struct span name,
    uint32_t domain)
{
	return enter(r, DOMAIN_INDEX, domain_hash(role, name), domain);
}

bool
block_enter_local(struct rules *r, const struct local_key *key, uint32_t n)
{
	const struct rule *rule = block_rule(r, n);

	return enter(r, LOCAL_INDEX, local_hash(key->hash,
	    (enum role)rule->role, rule->locals == LOCAL_REGEX ? 0 :
	    rule->domain, (enum scope)rule->scope, key->locals), n);
}

/* A walk over the slots where something of that hash can be. */
struct probe {
	const struct rules *r;
	const uint32_t *slots;
	uint32_t mask;
	uint32_t numbers;
	uint32_t hash;
	uint32_t i;
	uint32_t left;		/* slots not yet seen */
};

static inline struct probe
probe_begin(const struct rules *r, enum part_kind which, uint32_t h)
{
	const struct part *part = &r->parts[which];
	uint32_t mask = part->count - 1;

	return (struct probe){ r, part->at, mask,
		r->header.indexes[which].numbers, h, h & mask, part->count };
}

/* The next number of which the slot has bits of the hash; or 0. */
static inline uint32_t
probe_next(struct probe *p)
{
	uint32_t slot;

	while (p->left > 0 &&
	    block_good(p->r, &p->slots[p->i], sizeof(slot)) &&
	    (slot = p->slots[p->i]) != 0) {
		p->left--;
		p->i = (p->i + 1) & p->mask;
		if (((slot ^ p->hash) & ~p->numbers) == 0)
			return slot & p->numbers;
	}
	return 0;
}

uint32_t
block_find_domain(const struct rules *r, enum role role, struct span name)
{
	struct probe p = probe_begin(r, DOMAIN_INDEX, domain_hash(role, name));
	const struct domain *d;
	uint32_t n;

	while ((n = probe_next(&p)) != 0) {
		d = block_domain(r, n);
		if (d->role == role &&
		    span_equal(name, block_string(r, d->name, NULL)))
			break;
	}
	return n;
}

struct local_key
block_local_key(struct span local, enum locals locals)
{
	return (struct local_key){ hash(local), local, locals };
}

uint32_t
block_find_local(const struct rules *r, enum role role, uint32_t domain,
    enum scope scope, const struct local_key *key)
{
	struct probe p = probe_begin(r, LOCAL_INDEX, local_hash(key->hash, role,
	    domain, scope, key->locals));
	const struct rule *rule;
	uint32_t n;

	while ((n = probe_next(&p)) != 0) {
		rule = block_rule(r, n);
		if (rule->locals != key->locals || rule->scope != scope ||
		    rule->role != role)
			continue;
		if (rule->locals == LOCAL_REGEX ?
		    span_equal(key->local,
		    block_string(r, rule->local, NULL)) :
		    rule->domain == domain && span_equal_fold(key->local,
		    block_string(r, rule->local, NULL)))
			break;
	}
	return n;
}

/* The rules of which the slots have bits of those hashes; 0 for those of 0. */
static void
warm_slots(const struct rules *r, const uint32_t *hashes, uint32_t *rules,
    size_t n)
{
	const struct part *part = &r->parts[LOCAL_INDEX];
	uint32_t numbers = r->header.indexes[LOCAL_INDEX].numbers, slot;
	const uint32_t *slots = part->at;
	size_t i;

	for (i = 0; i < n; i++)
		rules[i] = slots[hashes[i] & (part->count - 1)];
	for (i = 0; i < n; i++) {
		slot = rules[i] ^ (hashes[i] & ~numbers);
		rules[i] = (slot & ~numbers) == 0 ? slot : 0;
	}
}

/* How many of the rules seem to be for the local part of their key. */
static size_t
warm_rules(const struct rules *r, const uint32_t *rules,
    const struct local_key *keys, size_t n)
{
	const struct rule *all = r->parts[RULES].at;
	const unsigned char *strings = r->parts[STRINGS].at;
	const uint32_t *words = r->parts[ROUTES].at;
	uint32_t locals[WARMED], routes[WARMED];
	size_t i, seem = 0;

	for (i = 0; i < n; i++) {
		locals[i] = all[rules[i]].local;
		routes[i] = all[rules[i]].route;
	}
	for (i = 0; i < n; i++)
		seem += (strings[locals[i]] == keys[i].local.len) &
		    (words[routes[i]] != 0);
	return seem;
}

bool
block_worth_warming(const struct rules *r)
{
	return r->pages == NULL && r->parts[LOCAL_INDEX].count >= WORTH_WARMING;
}

size_t
block_warm_locals(const struct rules *r, enum role role,
    const uint32_t *domains, const struct local_key *keys, size_t n)
{
	uint32_t hashes[WARMED], rules[WARMED];
	size_t i;

	for (i = 0; i < n; i++)
		hashes[i] = local_hash(keys[i].hash, role, domains[i],
		    SCOPE_DOMAIN, keys[i].locals);
	warm_slots(r, hashes, rules, n);
	return warm_rules(r, rules, keys, n);
}

uint32_t
block_find_whole(const struct rules *r, uint32_t domain, enum scope scope)
{
	uint32_t n = block_domain(r, domain)->whole, next;

	while (n != 0 && block_rule(r, n)->scope != scope) {
		next = block_rule(r, n)->next;
		n = next < n ? next : 0;
	}
	return n;
}

uint32_t
block_first_glob(const struct rules *r, uint32_t domain)
{
	return block_rule(r, block_domain(r, domain)->globs)->next;
}

uint32_t
block_next_glob(const struct rules *r, uint32_t n)
{
	uint32_t next = block_rule(r, n)->next;

	return next > n ? next : 0;
}
