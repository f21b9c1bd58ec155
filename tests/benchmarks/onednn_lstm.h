#pragma once

#include <cstdint>
#include <memory>

namespace dragoman::test {

/// oneDNN's own LSTM primitives, forward for training and backward, on random data: what layers/lstm.h is measured
/// against. All weights lie in the order that the primitives like best before any time is taken.
class OnednnLstm {
 public:
  OnednnLstm(std::int64_t steps, std::int64_t sentences, std::int64_t input, std::int64_t hidden);
  ~OnednnLstm();

  void forward();
  /// Of the last forward().
  void backward();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman::test
