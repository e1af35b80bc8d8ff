/*
 * What the process gives up when its tables and its input are open: from then
 * on it reads and writes what it has open, takes and gives back memory, and
 * ends.  Mail that should ever find a way to make it do something else kills
 * it instead.
 *
 * On Linux that is a filter of system calls, seccomp(2), made of the kernel's
 * own headers; on OpenBSD pledge(2) with "stdio"; on FreeBSD capability mode,
 * capsicum(4).  On Linux a call that is not let through, one of another
 * architecture, or memory to run code in ends the process by SIGSYS.
 *
 * Nothing is done, and confine() returns 0,
 * - on other systems, and on Linux for other processors than x86-64, i386,
 *   arm64, arm, riscv64, ppc64, s390x and loongarch64;
 * - by a kernel that has no seccomp, or in a sandbox that forbids it;
 * - where the headers of the kernel are not there when it is compiled, as for
 *   the musl-gcc of Debian, which has to be told of them;
 * - with -DNO_CONFINE, for what opens files at its end, such as gcov;
 * - with the sanitizers of compilers, which open files and start programs to
 *   say what they found;
 * - under valgrind.
 */
#ifndef CONFINE_H
#define CONFINE_H

/* Defined where it is left out on purpose. */
#if defined(NO_CONFINE) || defined(__SANITIZE_ADDRESS__) || \
    defined(__SANITIZE_THREAD__)
#define CONFINE_LEFT_OUT
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(thread_sanitizer) || \
    __has_feature(undefined_behavior_sanitizer)
#define CONFINE_LEFT_OUT
#endif
#endif

/*
 * Confines the process, and what it would ever fork, for good.  1, or 0 where
 * that cannot be done, or -1 with errno if it failed.
 */
int confine(void);

#endif
