#include "layers/product_rate.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "layers/onednn_primitives.h"

namespace dragoman {

namespace {

using dnnl::memory;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kInner = 512, kColumns = 2048;
constexpr int kRounds = 21;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Median over some rounds of about ten milliseconds.
double product_rate(std::int64_t rows, memory::data_type type) {
  CompiledProduct product({{rows, kInner}, type, memory::format_tag::ab},
                          {{kInner, kColumns}, type, memory::format_tag::any},
                          {{rows, kColumns}, memory::data_type::f32, memory::format_tag::ab}, Output::overwrite);
  const memory a({{rows, kInner}, type, memory::format_tag::ab}, onednn_cpu()),
      b(product.weights_order(), onednn_cpu());
  std::fill_n(static_cast<char*>(a.get_data_handle()), a.get_desc().get_size(), 0);
  std::fill_n(static_cast<char*>(b.get_data_handle()), b.get_desc().get_size(), 0);
  Tensor c(rows, kColumns);
  const double operations = 2.0 * static_cast<double>(rows * kInner * kColumns);
  const int repetitions = std::max(1, static_cast<int>(2e9 / operations));
  std::array<double, kRounds> rates{};
  for (double& rate : rates) {
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < repetitions; ++i) product.run(a.get_data_handle(), b.get_data_handle(), c.data());
    rate = repetitions * operations / seconds_since(start);
  }
  std::nth_element(rates.begin(), rates.begin() + kRounds / 2, rates.end());
  return rates[kRounds / 2];
}

}  // namespace

double best_product_rate(MatrixPrecision precision) {
  const auto type = precision == MatrixPrecision::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
  double best = 0;
  for (const std::int64_t rows : {64, 256, 1536}) best = std::max(best, product_rate(rows, type));
  return best;
}

}  // namespace dragoman
