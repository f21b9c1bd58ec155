#include "layers/kernels/lstm_gates.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layers/kernels/lstm_gates.cpp"
#include <hwy/foreach_target.h>

#include "layers/kernels/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dragoman::kernels::HWY_NAMESPACE {

void lstm_step(const LstmStep& step) {
  const std::int64_t hidden = step.hidden;
  for (std::int64_t r = 0; r < step.rows; ++r) {
    const std::int64_t token = step.token[r];
    float* gates = step.gates + token * 4 * hidden;
    float* h = step.hidden_state + r * hidden;
    float* c = step.cell_state + r * hidden;
    float* previous_h = step.previous_hidden + token * hidden;
    float* previous_c = step.previous_cell + token * hidden;
    float* output = step.output.row(token);
    const float* recurrent = step.recurrent + r * 4 * hidden;
    const float* bias = step.bias;
    for_vectors(hidden, [=](auto v, std::int64_t j) HWY_ATTR {
      const auto before = [=](std::int64_t gate) HWY_ATTR {
        const std::int64_t at = gate * hidden + j;
        return hn::Add(hn::Add(v.load(gates + at), v.load(recurrent + at)), v.load(bias + at));
      };
      const Vector i = fast_sigmoid(before(0)), f = fast_sigmoid(before(1));
      const Vector g = fast_tanh(before(2)), o = fast_sigmoid(before(3));
      const Vector old_c = v.load(c + j);
      const Vector new_c = hn::MulAdd(f, old_c, hn::Mul(i, g));
      const Vector new_h = hn::Mul(o, fast_tanh(new_c));
      v.store(v.load(h + j), previous_h + j);
      v.store(old_c, previous_c + j);
      v.store(i, gates + j);
      v.store(f, gates + hidden + j);
      v.store(g, gates + 2 * hidden + j);
      v.store(o, gates + 3 * hidden + j);
      v.store(new_c, c + j);
      v.store(new_h, h + j);
      v.store(new_h, output + j);
    });
  }
}

void lstm_step_backward(const LstmStepBackward& step) {
  const std::int64_t hidden = step.hidden;
  const Vector one = hn::Set(Floats(), 1.0F);
  for (std::int64_t r = 0; r < step.rows; ++r) {
    const std::int64_t token = step.token[r];
    float* gates = step.gates + token * 4 * hidden;
    float* compact = step.grad_gates + r * 4 * hidden;
    const float* previous_c = step.previous_cell + token * hidden;
    const float* grad_output = step.grad_output.row(token);
    const float* grad_hidden = step.grad_hidden + r * hidden;
    float* grad_cell = step.grad_cell + r * hidden;
    float* grad_bias = step.grad_bias;
    for_vectors(hidden, [=](auto v, std::int64_t j) HWY_ATTR {
      const Vector i = v.load(gates + j), f = v.load(gates + hidden + j);
      const Vector g = v.load(gates + 2 * hidden + j), o = v.load(gates + 3 * hidden + j);
      const Vector old_c = v.load(previous_c + j);
      // c_t as the forward pass computed it, bit for bit: cheaper than keeping it.
      const Vector tanh_c = fast_tanh(hn::MulAdd(f, old_c, hn::Mul(i, g)));
      const Vector grad_h = hn::Add(v.load(grad_output + j), v.load(grad_hidden + j));
      const Vector grad_c = hn::MulAdd(hn::Mul(grad_h, o), hn::NegMulAdd(tanh_c, tanh_c, one), v.load(grad_cell + j));
      const auto sigmoid_slope = [=](Vector y) HWY_ATTR { return hn::NegMulAdd(y, y, y); };
      const auto put = [=](std::int64_t gate, Vector grad) HWY_ATTR {
        const std::int64_t at = gate * hidden + j;
        v.store(grad, gates + at);
        v.store(grad, compact + at);
        v.store(hn::Add(v.load(grad_bias + at), grad), grad_bias + at);
      };
      put(0, hn::Mul(hn::Mul(grad_c, g), sigmoid_slope(i)));
      put(1, hn::Mul(hn::Mul(grad_c, old_c), sigmoid_slope(f)));
      put(2, hn::Mul(hn::Mul(grad_c, i), hn::NegMulAdd(g, g, one)));
      put(3, hn::Mul(hn::Mul(grad_h, tanh_c), sigmoid_slope(o)));
      v.store(hn::Mul(grad_c, f), grad_cell + j);
    });
  }
}

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::kernels {

HWY_EXPORT(lstm_step);
HWY_EXPORT(lstm_step_backward);

void lstm_step(const LstmStep& step) { HWY_DYNAMIC_DISPATCH(lstm_step)(step); }
void lstm_step_backward(const LstmStepBackward& step) { HWY_DYNAMIC_DISPATCH(lstm_step_backward)(step); }

}  // namespace dragoman::kernels
#endif
