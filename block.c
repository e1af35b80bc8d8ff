#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"

/* The indexes of a role. */
enum { DOMAINS, LOCALS };

struct span
block_string(const struct rules *r, uint32_t offset)
{
	uint32_t len;

	if (offset == 0)
		return (struct span){ "", 0 };
	memcpy(&len, block_at(r, offset), sizeof(len));
	return (struct span){ r->block.s + offset + sizeof(len), len };
}

uint32_t
block_allocate(struct rules *r, size_t size)
{
	size_t offset = r->block.len;

	size = (size + 3) & ~(size_t)3;
	errno = size > UINT32_MAX - offset ? EFBIG : ENOMEM;
	if (errno == EFBIG || text_reserve(&r->block, size) == -1)
		return 0;
	memset(r->block.s + offset, 0, size);
	r->block.len += size;
	return (uint32_t)offset;
}

/* Fails, like block_allocate(), by 0; an empty string is 0 as well. */
static uint32_t
add_string(struct rules *r, struct span s)
{
	uint32_t offset, len;

	if (s.len == 0)
		return 0;
	if (s.len > UINT32_MAX || (offset = block_allocate(r, 4 + s.len)) == 0)
		return 0;
	len = (uint32_t)s.len;
	memcpy(block_at(r, offset), &len, sizeof(len));
	memcpy(r->block.s + offset + sizeof(len), s.s, s.len);
	return offset;
}

bool
block_put_string(struct rules *r, struct span s, uint32_t *offset)
{
	*offset = add_string(r, s);
	return *offset != 0 || s.len == 0;
}

static uint32_t
mix(uint64_t h)
{
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	return (uint32_t)(h >> 32);
}

/*
 * The case of letters makes no difference to it.  Setting bit 5 of every
 * byte makes a few more bytes alike, which only a comparison has to tell.
 */
static uint64_t
hash(struct span a)
{
	const uint64_t fold = UINT64_C(0x2020202020202020);
	const uint64_t k = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t h = a.len * k, word;

	for (; a.len >= sizeof(word); a.s += 8, a.len -= 8) {
		memcpy(&word, a.s, sizeof(word));
		h = (h ^ (word | fold)) * k;
		h ^= h >> 29;
	}
	if (a.len > 0) {
		word = 0;
		memcpy(&word, a.s, a.len);
		h = (h ^ (word | fold)) * k;
		h ^= h >> 29;
	}
	return h;
}

static uint32_t
domain_hash(struct span name)
{
	return mix(hash(name));
}

static uint32_t
local_hash(uint64_t local, uint32_t domain, enum scope scope,
    enum locals locals)
{
	return mix(local + domain * UINT64_C(0xff51afd7ed558ccd) +
	    (uint64_t)scope * 8 + (uint64_t)locals);
}

static struct index *
index_of(const struct rules *r, enum role role, int which)
{
	struct side *side = &block_header(r)->sides[role];

	return which == DOMAINS ? &side->domains : &side->locals;
}

static const struct slot *
slots_of(const struct rules *r, enum role role, int which)
{
	const struct slot *slots = r->building[role][which];

	return slots != NULL ? slots :
	    block_at(r, index_of(r, role, which)->slots);
}

static void
put_slot(struct slot *slots, uint32_t size, struct slot new)
{
	uint32_t i = new.hash & (size - 1);

	while (slots[i].offset != 0)
		i = (i + 1) & (size - 1);
	slots[i] = new;
}

/* Keeps a quarter of the slots free at least. */
static bool
grow(struct rules *r, enum role role, int which)
{
	struct index *index = index_of(r, role, which);
	struct slot *new, *old = r->building[role][which];
	uint32_t i, size = index->size == 0 ? 16 : index->size * 2;

	if (index->size > 0 && index->used < index->size / 4 * 3)
		return true;
	if (size == 0 || (new = calloc(size, sizeof(*new))) == NULL)
		return false;
	for (i = 0; i < index->size; i++)
		if (old[i].offset != 0)
			put_slot(new, size, old[i]);
	free(old);
	r->building[role][which] = new;
	index->size = size;
	return true;
}

static bool
enter(struct rules *r, enum role role, int which, uint32_t h, uint32_t offset)
{
	if (!grow(r, role, which))
		return false;
	put_slot(r->building[role][which], index_of(r, role, which)->size,
	    (struct slot){ h, offset });
	index_of(r, role, which)->used++;
	return true;
}

bool
block_enter_domain(struct rules *r, enum role role, struct span name,
    uint32_t domain)
{
	return enter(r, role, DOMAINS, domain_hash(name), domain);
}

bool
block_enter_local(struct rules *r, enum role role,
    const struct local_key *key, uint32_t domain, enum scope scope,
    uint32_t rule)
{
	return enter(r, role, LOCALS, local_hash(key->hash, domain, scope,
	    key->locals), rule);
}

uint32_t
block_find_domain(const struct rules *r, enum role role, struct span name)
{
	const struct index *index = index_of(r, role, DOMAINS);
	const struct slot *slots = slots_of(r, role, DOMAINS);
	uint32_t h, i;

	if (index->size == 0)
		return 0;
	h = domain_hash(name);
	for (i = h & (index->size - 1); slots[i].offset != 0;
	    i = (i + 1) & (index->size - 1))
		if (slots[i].hash == h && span_equal(name, block_string(r,
		    block_domain(r, slots[i].offset)->name)))
			return slots[i].offset;
	return 0;
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
	const struct index *index = index_of(r, role, LOCALS);
	const struct slot *slots = slots_of(r, role, LOCALS);
	const struct rule *rule;
	uint32_t h, i;

	if (index->size == 0)
		return 0;
	h = local_hash(key->hash, domain, scope, key->locals);
	for (i = h & (index->size - 1); slots[i].offset != 0;
	    i = (i + 1) & (index->size - 1)) {
		rule = block_rule(r, slots[i].offset);
		if (slots[i].hash != h || rule->locals != key->locals ||
		    rule->scope != scope)
			continue;
		if (rule->locals == LOCAL_REGEX ?
		    span_equal(key->local, block_string(r, rule->local)) :
		    rule->domain == domain &&
		    span_equal_fold(key->local, block_string(r, rule->local)))
			return slots[i].offset;
	}
	return 0;
}

uint32_t
block_find_whole(const struct rules *r, uint32_t domain, enum scope scope)
{
	uint32_t rule = block_domain(r, domain)->whole;

	while (rule != 0 && block_rule(r, rule)->scope != scope)
		rule = block_rule(r, rule)->next;
	return rule;
}

static bool
finish_index(struct rules *r, enum role role, int which)
{
	size_t size = index_of(r, role, which)->size * sizeof(struct slot);
	uint32_t offset;

	if (size == 0)
		return true;
	if ((offset = block_allocate(r, size)) == 0)
		return false;
	memcpy(block_at(r, offset), r->building[role][which], size);
	free(r->building[role][which]);
	r->building[role][which] = NULL;
	index_of(r, role, which)->slots = offset;
	return true;
}

bool
block_finish(struct rules *r)
{
	return finish_index(r, RECIPIENT, DOMAINS) &&
	    finish_index(r, RECIPIENT, LOCALS) &&
	    finish_index(r, SENDER, DOMAINS) &&
	    finish_index(r, SENDER, LOCALS);
}
