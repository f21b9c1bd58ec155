#include "layers/onednn_primitives.h"

#include "layers/profile.h"

namespace dragoman {

namespace {

dnnl::primitive_attr attributes(Output output) {
  dnnl::primitive_attr result;
  if (output == Output::accumulate) {
    dnnl::post_ops sum;
    sum.append_sum(1.0F);
    result.set_post_ops(sum);
  }
  return result;
}

}  // namespace

const dnnl::engine& onednn_cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

CompiledProduct::CompiledProduct(const dnnl::memory::desc& a, const dnnl::memory::desc& b, const dnnl::memory::desc& c,
                                 Output output)
    : m_(a.dims()[0]),
      k_(a.dims()[1]),
      n_(b.dims()[1]),
      descriptor_(dnnl::matmul::desc(a, b, c), attributes(output), onednn_cpu()),
      primitive_(descriptor_),
      stream_(onednn_cpu()),
      weights_(descriptor_.weights_desc(), onednn_cpu(), nullptr),
      arguments_{{DNNL_ARG_SRC, {descriptor_.src_desc(), onednn_cpu(), nullptr}},
                 {DNNL_ARG_WEIGHTS, {}},
                 {DNNL_ARG_DST, {descriptor_.dst_desc(), onednn_cpu(), nullptr}}} {}

void CompiledProduct::run(const void* a, const void* b, void* c) {
  weights_.set_data_handle(const_cast<void*>(b));  // only read
  run(a, weights_, c);
}

void CompiledProduct::run(const void* a, const dnnl::memory& b, void* c) {
  const ProductActivity product(m_, k_, n_);
  arguments_[DNNL_ARG_SRC].set_data_handle(const_cast<void*>(a));  // only read
  arguments_[DNNL_ARG_WEIGHTS] = b;
  arguments_[DNNL_ARG_DST].set_data_handle(c);
  primitive_.execute(stream_, arguments_);
  stream_.wait();
}

}  // namespace dragoman
