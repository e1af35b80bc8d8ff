#include <errno.h>

#include "confine.h"

#if defined(CONFINE_LEFT_OUT)
#define CONFINE_BY_NOTHING
#elif defined(__OpenBSD__)
#define CONFINE_BY_PLEDGE
#elif defined(__FreeBSD__)
#define CONFINE_BY_CAPSICUM
#elif defined(__linux__) && defined(__has_include)
#if __has_include(<linux/seccomp.h>) && __has_include(<linux/filter.h>) && \
    __has_include(<linux/audit.h>)
#define CONFINE_BY_SECCOMP
#endif
#endif

#if defined(CONFINE_BY_PLEDGE)

#include <unistd.h>

int
confine(void)
{
	return pledge("stdio", NULL) == -1 ? -1 : 1;
}

#elif defined(CONFINE_BY_CAPSICUM)

#include <sys/capsicum.h>

int
confine(void)
{
	if (cap_enter() == 0)
		return 1;
	return errno == ENOSYS ? 0 : -1;	/* a kernel without it */
}

#elif defined(CONFINE_BY_SECCOMP)

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the kernel calls the architecture that this is compiled for. */
#if defined(__x86_64__) && defined(__LP64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define ARCHITECTURE AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__LP64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARM_EABI__) && defined(__ARMEB__)
#define ARCHITECTURE AUDIT_ARCH_ARMEB
#elif defined(__arm__) && defined(__ARM_EABI__)
#define ARCHITECTURE AUDIT_ARCH_ARM
#elif defined(__riscv) && defined(__LP64__) && defined(AUDIT_ARCH_RISCV64)
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define ARCHITECTURE AUDIT_ARCH_PPC64LE
#elif defined(__powerpc64__)
#define ARCHITECTURE AUDIT_ARCH_PPC64
#elif defined(__s390x__)
#define ARCHITECTURE AUDIT_ARCH_S390X
#elif defined(__loongarch64) && defined(AUDIT_ARCH_LOONGARCH64)
#define ARCHITECTURE AUDIT_ARCH_LOONGARCH64
#endif

#ifdef ARCHITECTURE

/*
 * A kernel that does not know how to kill a process looks at fewer bits, and
 * sees that the thread is to be killed; there is one.
 */
#ifdef SECCOMP_RET_KILL_PROCESS
#define KILL SECCOMP_RET_KILL_PROCESS
#else
#define KILL SECCOMP_RET_KILL
#endif

/*
 * The filter does not guard against code that is run in the process, so the
 * process need not be slowed down by what would.
 */
#ifdef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define FLAGS SECCOMP_FILTER_FLAG_SPEC_ALLOW
#else
#define FLAGS 0
#endif

/* Where the 32 bits of an argument are that count. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF 4
#else
#define LOW_HALF 0
#endif

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
#define IF(number, skipped) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, (skipped))
#define ALLOW(number) IF(number, 1), RETURN(SECCOMP_RET_ALLOW)
#define REFUSE(number) IF(number, 1), RETURN(SECCOMP_RET_ERRNO | EPERM)
/* mmap(2) and mprotect(2), but not for memory to run code in. */
#define ALLOW_DATA(number) \
	IF(number, 4), \
	LOAD(offsetof(struct seccomp_data, args[2]) + LOW_HALF), \
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), \
	RETURN(KILL), \
	RETURN(SECCOMP_RET_ALLOW)

static struct sock_filter filter[] = {
	LOAD(offsetof(struct seccomp_data, arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
	RETURN(KILL),
	LOAD(offsetof(struct seccomp_data, nr)),
#ifdef __x86_64__
	/* x32 has the same architecture, and numbers from here on. */
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
	RETURN(KILL),
#endif

	/* To read and to write. */
	ALLOW(__NR_read),
	ALLOW(__NR_write),
	ALLOW(__NR_readv),
	ALLOW(__NR_writev),
#ifdef __NR_poll
	ALLOW(__NR_poll),
#endif
#ifdef __NR_ppoll
	ALLOW(__NR_ppoll),
#endif
#ifdef __NR_ppoll_time64
	ALLOW(__NR_ppoll_time64),
#endif
#ifdef __NR_restart_syscall
	ALLOW(__NR_restart_syscall),	/* poll(2), once stopped */
#endif
	ALLOW(__NR_close),

	/* Of the temporary file that a spool has. */
	ALLOW(__NR_lseek),
#ifdef __NR__llseek
	ALLOW(__NR__llseek),
#endif
	ALLOW(__NR_ftruncate),
#ifdef __NR_ftruncate64
	ALLOW(__NR_ftruncate64),
#endif

	/* Memory. */
	ALLOW(__NR_brk),
	ALLOW(__NR_munmap),
	ALLOW(__NR_mremap),
	ALLOW(__NR_madvise),
	ALLOW_DATA(__NR_mprotect),
#ifdef __NR_mmap2
	ALLOW_DATA(__NR_mmap2),
#elif defined(__s390x__)
	ALLOW(__NR_mmap),	/* whose arguments are in memory */
#else
	ALLOW_DATA(__NR_mmap),
#endif

	/* To end, and to come back from the handler of a signal. */
	ALLOW(__NR_exit_group),
	ALLOW(__NR_exit),
	ALLOW(__NR_rt_sigreturn),
#ifdef __NR_sigreturn
	ALLOW(__NR_sigreturn),
#endif

	/* The secret of names.c. */
	ALLOW(__NR_getpid),
#ifdef __NR_clock_gettime
	ALLOW(__NR_clock_gettime),
#endif
#ifdef __NR_clock_gettime64
	ALLOW(__NR_clock_gettime64),
#endif
	/* The qsort(3) of glibc asks how much memory there is. */
	ALLOW(__NR_sysinfo),

	/* What stdio(3) asks of a file first, and does without. */
#ifdef __NR_fstat
	REFUSE(__NR_fstat),
#endif
#ifdef __NR_fstat64
	REFUSE(__NR_fstat64),
#endif
#ifdef __NR_newfstatat
	REFUSE(__NR_newfstatat),
#endif
#ifdef __NR_fstatat64
	REFUSE(__NR_fstatat64),
#endif
#ifdef __NR_statx
	REFUSE(__NR_statx),
#endif
	REFUSE(__NR_ioctl),

	RETURN(KILL),
};

/*
 * valgrind does more in the process than the process itself does.  It is seen
 * by what it has preloaded; who can preload code has no need to break out.
 */
static bool
is_under_valgrind(void)
{
	const char *preloaded = getenv("LD_PRELOAD");

	return preloaded != NULL && strstr(preloaded, "/vgpreload_") != NULL;
}

int
confine(void)
{
	struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(*filter),
		.filter = filter,
	};

	if (is_under_valgrind())
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
#ifdef __NR_seccomp
		if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, FLAGS,
		    &program) == 0)
			return 1;
#endif
		/* The older way, which knows no flags. */
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
			return 1;
	}
	/* Who forbids it, such as a sandbox around it all, confines as well. */
	return errno == EINVAL || errno == ENOSYS || errno == EPERM ? 0 : -1;
}

#else
#define CONFINE_BY_NOTHING
#endif

#else
#ifndef CONFINE_BY_NOTHING
#define CONFINE_BY_NOTHING
#endif
#endif

#ifdef CONFINE_BY_NOTHING
int
confine(void)
{
	return 0;
}
#endif
