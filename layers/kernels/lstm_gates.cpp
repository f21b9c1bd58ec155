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

void normalized_lstm_output(std::int64_t hidden, const float* gates, const float* normalized, const float* gain,
                            const float* bias, float* hidden_state) {
  for_vectors(hidden, [=](auto v, std::int64_t j) HWY_ATTR {
    const Vector u = hn::MulAdd(v.load(normalized + j), v.load(gain + j), v.load(bias + j));
    v.store(hn::Mul(v.load(gates + 3 * hidden + j), fast_tanh(u)), hidden_state + j);
  });
}

void normalized_lstm_output_backward(const NormalizedLstmOutputBackward& at) {
  const Vector one = hn::Set(Floats(), 1.0F);
  const float* o = at.gates + 3 * at.hidden;
  // tanh and the gradients of h_t and of what tanh was taken of; computed twice, which takes no memory.
  const auto gradients = [=](auto v, std::int64_t j, Vector& tanh_u, Vector& grad_h, Vector& grad_u) HWY_ATTR {
    tanh_u = fast_tanh(hn::MulAdd(v.load(at.normalized + j), v.load(at.gain + j), v.load(at.bias + j)));
    grad_h = hn::Add(v.load(at.grad_output + j), v.load(at.grad_hidden + j));
    grad_u = hn::Mul(hn::Mul(grad_h, v.load(o + j)), hn::NegMulAdd(tanh_u, tanh_u, one));
  };
  Vector sum = hn::Zero(Floats()), product = hn::Zero(Floats());
  for_vectors(at.hidden, [&](auto v, std::int64_t j) HWY_ATTR {
    Vector tanh_u, grad_h, grad_u;
    gradients(v, j, tanh_u, grad_h, grad_u);
    const Vector normalized = v.load(at.normalized + j);
    v.store(hn::MulAdd(grad_u, normalized, v.load(at.grad_gain + j)), at.grad_gain + j);
    v.store(hn::Add(v.load(at.grad_bias + j), grad_u), at.grad_bias + j);
    const Vector grad_normalized = hn::Mul(grad_u, v.load(at.gain + j));
    sum = hn::Add(sum, grad_normalized);
    product = hn::MulAdd(grad_normalized, normalized, product);
  });
  const auto count = static_cast<float>(at.hidden);
  const Vector mean = hn::Set(Floats(), sum_of_lanes(sum) / count);
  const Vector mean_product = hn::Set(Floats(), sum_of_lanes(product) / count);
  const Vector inverse_deviation = hn::Set(Floats(), at.inverse_deviation);
  for_vectors(at.hidden, [&](auto v, std::int64_t j) HWY_ATTR {
    Vector tanh_u, grad_h, grad_u;
    gradients(v, j, tanh_u, grad_h, grad_u);
    const Vector centred = hn::Sub(hn::Mul(grad_u, v.load(at.gain + j)), mean);
    const Vector grad_c = hn::Mul(hn::NegMulAdd(v.load(at.normalized + j), mean_product, centred), inverse_deviation);
    v.store(hn::Add(v.load(at.grad_cell + j), grad_c), at.grad_cell + j);
    v.store(hn::Mul(grad_h, tanh_u), at.grad_hidden + j);
  });
}

template <bool kNormalized>
void lstm_step_backward_as(const LstmStepBackward& step) {
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
      Vector grad_o = v.load(grad_hidden + j), grad_c = v.load(grad_cell + j);
      if constexpr (!kNormalized) {
        // c_t as the forward pass computed it, bit for bit: cheaper than keeping it.
        const Vector tanh_c = fast_tanh(hn::MulAdd(f, old_c, hn::Mul(i, g)));
        const Vector grad_h = hn::Add(v.load(grad_output + j), grad_o);
        grad_c = hn::MulAdd(hn::Mul(grad_h, o), hn::NegMulAdd(tanh_c, tanh_c, one), grad_c);
        grad_o = hn::Mul(grad_h, tanh_c);
      }
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
      put(3, hn::Mul(grad_o, sigmoid_slope(o)));
      v.store(hn::Mul(grad_c, f), grad_cell + j);
    });
  }
}

void lstm_step_backward(const LstmStepBackward& step) {
  step.normalized ? lstm_step_backward_as<true>(step) : lstm_step_backward_as<false>(step);
}

}  // namespace dragoman::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dragoman::kernels {

HWY_EXPORT(lstm_step);
HWY_EXPORT(lstm_step_backward);
HWY_EXPORT(normalized_lstm_output);
HWY_EXPORT(normalized_lstm_output_backward);

void lstm_step(const LstmStep& step) { HWY_DYNAMIC_DISPATCH(lstm_step)(step); }
void lstm_step_backward(const LstmStepBackward& step) { HWY_DYNAMIC_DISPATCH(lstm_step_backward)(step); }

void normalized_lstm_output(std::int64_t hidden, const float* gates, const float* normalized, const float* gain,
                            const float* bias, float* hidden_state) {
  HWY_DYNAMIC_DISPATCH(normalized_lstm_output)(hidden, gates, normalized, gain, bias, hidden_state);
}

void normalized_lstm_output_backward(const NormalizedLstmOutputBackward& output) {
  HWY_DYNAMIC_DISPATCH(normalized_lstm_output_backward)(output);
}

}  // namespace dragoman::kernels
#endif
