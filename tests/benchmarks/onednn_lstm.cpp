#include "tests/benchmarks/onednn_lstm.h"

#include <dnnl.hpp>
#include <unordered_map>

#include "layers/random.h"

namespace dragoman::test {

using dnnl::memory;
using Tag = memory::format_tag;

struct OnednnLstm::State {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  dnnl::lstm_forward forward;
  dnnl::lstm_backward backward;
  std::unordered_map<int, memory> forward_arguments, backward_arguments;

  memory random(const memory::desc& order) {
    memory result(order, engine);
    auto* values = static_cast<float*>(result.get_data_handle());
    PhiloxStream stream_of_values(1);
    for (std::size_t i = 0; i < order.get_size() / sizeof(float); ++i) {
      values[i] = static_cast<float>(0.1 * stream_of_values.normal());
    }
    return result;
  }
  memory reordered(const memory& from, const memory::desc& order) {
    memory to(order, engine);
    dnnl::reorder(from, to).execute(stream, const_cast<memory&>(from), to);
    stream.wait();
    return to;
  }
};

namespace {

memory::desc plain(const memory::dims& dims, Tag tag) { return {dims, memory::data_type::f32, tag}; }
memory::desc any(const memory::dims& dims) { return plain(dims, Tag::any); }

}  // namespace

OnednnLstm::OnednnLstm(std::int64_t steps, std::int64_t sentences, std::int64_t input, std::int64_t hidden)
    : state_(std::make_unique<State>()) {
  State& s = *state_;
  const auto x = plain({steps, sentences, input}, Tag::tnc), y = plain({steps, sentences, hidden}, Tag::tnc);
  const auto state = plain({1, 1, sentences, hidden}, Tag::ldnc), bias = plain({1, 1, 4, hidden}, Tag::ldgo);
  const memory::dims wx_dims{1, 1, input, 4, hidden}, wh_dims{1, 1, hidden, 4, hidden};
  const auto direction = dnnl::rnn_direction::unidirectional_left2right;
  const dnnl::lstm_forward::primitive_desc forward(
      dnnl::lstm_forward::desc(dnnl::prop_kind::forward_training, direction, x, state, state, any(wx_dims),
                               any(wh_dims), bias, y, state, state),
      s.engine);
  const dnnl::lstm_backward::primitive_desc backward(
      dnnl::lstm_backward::desc(dnnl::prop_kind::backward, direction, x, state, state, any(wx_dims), any(wh_dims), bias,
                                y, state, state, x, state, state, any(wx_dims), any(wh_dims), bias, y, state, state),
      s.engine, forward);
  s.forward = dnnl::lstm_forward(forward);
  s.backward = dnnl::lstm_backward(backward);

  const memory wx = s.random(plain(wx_dims, Tag::ldigo)), wh = s.random(plain(wh_dims, Tag::ldigo));
  auto& f = s.forward_arguments;
  f = {{DNNL_ARG_SRC_LAYER, s.random(x)},
       {DNNL_ARG_SRC_ITER, s.random(state)},
       {DNNL_ARG_SRC_ITER_C, s.random(state)},
       {DNNL_ARG_WEIGHTS_LAYER, s.reordered(wx, forward.weights_layer_desc())},
       {DNNL_ARG_WEIGHTS_ITER, s.reordered(wh, forward.weights_iter_desc())},
       {DNNL_ARG_BIAS, s.random(bias)},
       {DNNL_ARG_DST_LAYER, s.random(y)},
       {DNNL_ARG_DST_ITER, s.random(state)},
       {DNNL_ARG_DST_ITER_C, s.random(state)},
       {DNNL_ARG_WORKSPACE, memory(forward.workspace_desc(), s.engine)}};
  s.backward_arguments = f;
  auto& b = s.backward_arguments;
  b[DNNL_ARG_WEIGHTS_LAYER] = s.reordered(wx, backward.weights_layer_desc());
  b[DNNL_ARG_WEIGHTS_ITER] = s.reordered(wh, backward.weights_iter_desc());
  b[DNNL_ARG_DIFF_SRC_LAYER] = s.random(x);
  b[DNNL_ARG_DIFF_SRC_ITER] = s.random(state);
  b[DNNL_ARG_DIFF_SRC_ITER_C] = s.random(state);
  b[DNNL_ARG_DIFF_WEIGHTS_LAYER] = s.random(backward.diff_weights_layer_desc());
  b[DNNL_ARG_DIFF_WEIGHTS_ITER] = s.random(backward.diff_weights_iter_desc());
  b[DNNL_ARG_DIFF_BIAS] = s.random(bias);
  b[DNNL_ARG_DIFF_DST_LAYER] = s.random(y);
  b[DNNL_ARG_DIFF_DST_ITER] = s.random(state);
  b[DNNL_ARG_DIFF_DST_ITER_C] = s.random(state);
}

OnednnLstm::~OnednnLstm() = default;

void OnednnLstm::forward() {
  state_->forward.execute(state_->stream, state_->forward_arguments);
  state_->stream.wait();
}

void OnednnLstm::backward() {
  state_->backward.execute(state_->stream, state_->backward_arguments);
  state_->stream.wait();
}

}  // namespace dragoman::test
