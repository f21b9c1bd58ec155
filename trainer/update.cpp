#include "trainer/update.h"

#include <algorithm>

#include "layers/profile.h"
#include "trainer/gradient_norm.h"

namespace dragoman {

double update_parameters(TrainingTensors& tensors, std::span<const float> gradient, const StepTotals& totals,
                         const Update& update, WorkerThreads& threads) {
  const double tokens = totals.loss.target_tokens;
  const double norm = totals.gradient_norm / tokens;
  const OptimizerStep step{.number = update.step,
                           .learning_rate = update.learning_rate,
                           .gradient_scale = clip_factor(norm, update.clip_norm) / tokens};
  constexpr std::size_t kBlock = std::size_t{1} << 18;  // 1 MiB each of parameters, gradients and state
  const std::span<float> values = tensors.store.values();
  const std::size_t blocks = (values.size() + kBlock - 1) / kBlock;
  threads.for_each(static_cast<std::int64_t>(blocks), [&](std::int64_t block, int) {
    const std::size_t first = static_cast<std::size_t>(block) * kBlock;
    const std::size_t count = std::min(kBlock, values.size() - first);
    const std::span<float> slice = values.subspan(first, count);
    const Activity activity("optimizer");
    tensors.optimizer.step(slice, gradient.subspan(first, count), step, first);
    if (tensors.average) tensors.average->add(slice, update.step, first);
  });
  const Activity activity("packing parameters");
  tensors.store.values_changed();
  return norm;
}

}  // namespace dragoman
