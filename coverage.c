#include <stdlib.h>

#include "coverage.h"

static size_t
count_rules(const struct rules *rules)
{
	size_t n = 0;
	uint32_t rule;

	for (rule = rules_first(rules); rule != 0;
	    rule = rules_after(rules, rule))
		n += rules_same(rules, rule) == 0;
	return n;
}

int
coverage_begin(struct coverage *c, const struct rules *rules)
{
	size_t n = count_rules(rules);
	uint32_t rule;

	*c = (struct coverage){ 0 };
	c->rules = calloc(n + 1, sizeof(*c->rules));
	c->tests = calloc(n + 1, sizeof(*c->tests));
	if (c->rules == NULL || c->tests == NULL) {
		coverage_free(c);
		return -1;
	}
	for (rule = rules_first(rules); rule != 0;
	    rule = rules_after(rules, rule))
		if (rules_same(rules, rule) == 0)
			c->rules[c->count++] = rule;
	return 0;
}

bool
coverage_mark(struct coverage *c, uint32_t rule, size_t test)
{
	size_t first = 0, behind = c->count, middle;

	while (behind - first > 1) {
		middle = first + (behind - first) / 2;
		if (c->rules[middle] <= rule)
			first = middle;
		else
			behind = middle;
	}
	if (c->tests[first] == test)
		return false;
	c->exercised += c->tests[first] == 0;
	c->tests[first] = test;
	return true;
}

void
coverage_free(struct coverage *c)
{
	free(c->rules);
	free(c->tests);
	*c = (struct coverage){ 0 };
}
