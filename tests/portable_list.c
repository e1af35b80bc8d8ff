/*
 * The form of plain_list.c that is taken where the compiler has nothing
 * better, under other names, to be tested everywhere.
 */
#include "portable_list.h"

#define PORTABLE
#define plain_list_begin portable_list_begin
#define plain_list_next portable_list_next
#include "../plain_list.c"
