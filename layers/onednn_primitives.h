#pragma once

#include <dnnl.hpp>
#include <unordered_map>

#include "layers/tensor.h"

namespace dragoman {

// What the files that compute with oneDNN share; nobody else includes this.

/// The CPU as oneDNN sees it; shared by all threads.
const dnnl::engine& onednn_cpu();

/// A kernel compiled for one product c (M,N) = a (M,K) b (K,N), and its arguments, so that running it allocates
/// nothing. Owned by one thread.
class CompiledProduct {
 public:
  /// @param b with format_tag::any: in the order that oneDNN likes best, which weights_order() then tells
  CompiledProduct(const dnnl::memory::desc& a, const dnnl::memory::desc& b, const dnnl::memory::desc& c, Output output);

  void run(const void* a, const void* b, void* c);
  /// The same with b in weights_order(), its padding of zeros in place: another call would write it anew.
  void run(const void* a, const dnnl::memory& b, void* c);
  dnnl::memory::desc weights_order() const { return descriptor_.weights_desc(); }

 private:
  std::int64_t m_, k_, n_;
  dnnl::matmul::primitive_desc descriptor_;
  dnnl::matmul primitive_;
  dnnl::stream stream_;
  dnnl::memory weights_;  // somebody's, for the first form of run()
  std::unordered_map<int, dnnl::memory> arguments_;
};

}  // namespace dragoman
