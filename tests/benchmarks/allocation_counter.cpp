// Loaded before a program (LD_PRELOAD), counts its calls of malloc and its relatives and says so at the end.
#include <atomic>
#include <cstdio>
#include <cstdlib>

extern "C" {

// The C library's own, under the names that it keeps for replacements like these.
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* pointer, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

static std::atomic<long> allocations{0};

void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* pointer, std::size_t size) {
  ++allocations;
  return __libc_realloc(pointer, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
  ++allocations;
  *result = __libc_memalign(alignment, size);
  return *result == nullptr ? 12 : 0;  // ENOMEM
}

__attribute__((destructor)) static void tell() { std::fprintf(stderr, "allocations: %ld\n", allocations.load()); }

}  // extern "C"
