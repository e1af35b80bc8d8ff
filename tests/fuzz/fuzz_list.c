/*
 * Any input as a list.
 */
#include "filtering.h"
#include "read_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
read_it(struct input *in, struct filter *f, const char *fields, char end)
{
	(void)fields;
	return read_list(in, f, end);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct reading reading = { read_it, FOR_LISTS };

	return filtering(&reading, data, size);
}
