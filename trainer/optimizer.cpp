#include "trainer/optimizer.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace dragoman {
namespace {

// One step's constants, computed in double and rounded to float once.
struct Coefficients {
  float scale, learning_rate, l2, epsilon;
};

// The update rules. Each loop has no branch and no call, so that the compiler can turn it into vectors; +, *, / and
// sqrt round alike in every width.

void update_sgd(std::size_t size, float* __restrict p, const float* __restrict g, const Coefficients& c) {
  const auto [scale, rate, l2, epsilon] = c;
  for (std::size_t i = 0; i < size; ++i) p[i] -= rate * (scale * g[i] + l2 * p[i]);
}

void update_momentum(std::size_t size, float* __restrict p, const float* __restrict g, float* __restrict velocity,
                     const Coefficients& c, float momentum, float gradient_part, float velocity_part) {
  const auto [scale, rate, l2, epsilon] = c;
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = scale * g[i] + l2 * p[i];
    velocity[i] = momentum * velocity[i] + gradient;
    p[i] -= rate * (gradient_part * gradient + velocity_part * velocity[i]);
  }
}

void update_rmsprop(std::size_t size, float* __restrict p, const float* __restrict g, float* __restrict mean_square,
                    const Coefficients& c, float rho, float one_minus_rho) {
  const auto [scale, rate, l2, epsilon] = c;
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = scale * g[i] + l2 * p[i];
    mean_square[i] = rho * mean_square[i] + one_minus_rho * gradient * gradient;
    p[i] -= rate * gradient / std::sqrt(mean_square[i] + epsilon);
  }
}

struct AdamCoefficients {
  float beta1, one_minus_beta1, beta2, one_minus_beta2;
  float step_size;     // η / (1−β1ᵗ)
  float inverse_root;  // 1 / √(1−β2ᵗ)
  float decay;         // ηλ of decoupled weight decay
};

void update_adam(std::size_t size, float* __restrict p, const float* __restrict g, float* __restrict first_moment,
                 float* __restrict second_moment, const Coefficients& c, const AdamCoefficients& a) {
  const auto [scale, rate, l2, epsilon] = c;
  const auto [beta1, one_minus_beta1, beta2, one_minus_beta2, step_size, inverse_root, decay] = a;
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = scale * g[i] + l2 * p[i];
    first_moment[i] = beta1 * first_moment[i] + one_minus_beta1 * gradient;
    second_moment[i] = beta2 * second_moment[i] + one_minus_beta2 * gradient * gradient;
    p[i] -= decay * p[i] + step_size * first_moment[i] / (std::sqrt(second_moment[i]) * inverse_root + epsilon);
  }
}

/// @param t steps with these moments, this one included
AdamCoefficients adam_coefficients(const OptimizerConfiguration& o, const OptimizerStep& step, double t) {
  const double decoupled_decay = o.type == OptimizerType::adamw ? o.weight_decay : 0.0;
  return {.beta1 = static_cast<float>(o.beta1),
          .one_minus_beta1 = static_cast<float>(1 - o.beta1),
          .beta2 = static_cast<float>(o.beta2),
          .one_minus_beta2 = static_cast<float>(1 - o.beta2),
          .step_size = static_cast<float>(step.learning_rate / (1 - std::pow(o.beta1, t))),
          .inverse_root = static_cast<float>(1 / std::sqrt(1 - std::pow(o.beta2, t))),
          .decay = static_cast<float>(step.learning_rate * decoupled_decay)};
}

std::vector<std::string> state_names(const OptimizerConfiguration& o) {
  switch (o.type) {
    case OptimizerType::sgd:
      return o.momentum > 0 ? std::vector<std::string>{"sgd.velocity"} : std::vector<std::string>{};
    case OptimizerType::rmsprop:
      return {"rmsprop.mean_square"};
    case OptimizerType::adam:
    case OptimizerType::adamw:
      // The same names for both: a run that changes from one to the other keeps its moments.
      return {"adam.first_moment", "adam.second_moment"};
  }
  return {};
}

double default_epsilon(OptimizerType type) { return type == OptimizerType::rmsprop ? 1e-7 : 1e-8; }

}  // namespace

Optimizer::Optimizer(const OptimizerConfiguration& configuration, std::size_t size)
    : configuration_(configuration), names_(state_names(configuration)) {
  if (configuration_.epsilon == 0) configuration_.epsilon = default_epsilon(configuration_.type);
  for (std::size_t i = 0; i < names_.size(); ++i) buffers_.emplace_back(size);
  begin_after(0);
}

void Optimizer::begin_after(std::int64_t step) {
  for (AlignedFloats& buffer : buffers_) std::fill(buffer.span().begin(), buffer.span().end(), 0.0F);
  began_ = step;
}

void Optimizer::step(std::span<float> parameters, std::span<const float> gradients, const OptimizerStep& step,
                     std::size_t first) {
  assert(parameters.size() == gradients.size() && step.number > began_);
  const OptimizerConfiguration& o = configuration_;
  const std::size_t size = parameters.size();
  float* p = parameters.data();
  const float* g = gradients.data();
  const auto state = [&](std::size_t index) { return buffers_[index].span().subspan(first, size).data(); };
  const double l2 = o.type == OptimizerType::adamw ? 0.0 : o.weight_decay;
  const Coefficients c{static_cast<float>(step.gradient_scale), static_cast<float>(step.learning_rate),
                       static_cast<float>(l2), static_cast<float>(o.epsilon)};
  switch (o.type) {
    case OptimizerType::sgd:
      if (buffers_.empty()) return update_sgd(size, p, g, c);
      return update_momentum(size, p, g, state(0), c, static_cast<float>(o.momentum), o.nesterov ? 1.0F : 0.0F,
                             o.nesterov ? static_cast<float>(o.momentum) : 1.0F);
    case OptimizerType::rmsprop:
      return update_rmsprop(size, p, g, state(0), c, static_cast<float>(o.rho), static_cast<float>(1 - o.rho));
    case OptimizerType::adam:
    case OptimizerType::adamw:
      return update_adam(size, p, g, state(0), state(1), c,
                         adam_coefficients(o, step, static_cast<double>(step.number - began_)));
  }
}

std::vector<OptimizerState> Optimizer::state() {
  std::vector<OptimizerState> states;
  for (std::size_t i = 0; i < names_.size(); ++i) states.push_back({names_[i], buffers_[i].span()});
  return states;
}

}  // namespace dragoman
