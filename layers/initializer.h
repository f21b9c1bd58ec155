#pragma once

#include <cstdint>

#include "layers/random.h"
#include "layers/tensor.h"

namespace dragoman {

/// How a weight tensor gets its first values. For fan-in R (rows) and fan-out C (columns):
/// xavier_uniform U(-a, a), a = sqrt(6 / (R + C)); xavier_normal N(0, 2 / (R + C))  (Glorot & Bengio 2010);
/// he_uniform U(-a, a), a = sqrt(6 / R); he_normal N(0, 2 / R)  (He et al. 2015, arXiv:1502.01852);
/// orthogonal: orthonormal rows or columns, whichever are fewer  (Saxe et al. 2013, arXiv:1312.6120).
/// forget_gate: an LSTM's bias in gate order i, f, g, o, zero but for the forget gates  (Jozefowicz et al. 2015).
enum class InitializerType {
  constant,
  uniform,
  xavier_uniform,
  xavier_normal,
  he_uniform,
  he_normal,
  orthogonal,
  forget_gate
};

/// One tensor's initializer. A tensor that holds several matrices side by side (an LSTM's gates) is filled block of
/// columns by block, each with its own fans.
struct Initializer {
  InitializerType type = InitializerType::constant;
  double value = 0;  // constant, forget_gate: the value; uniform: half the interval's width
  int column_blocks = 1;

  static Initializer constant(double value) { return {InitializerType::constant, value, 1}; }
  static Initializer uniform(double half_width) { return {InitializerType::uniform, half_width, 1}; }
  static Initializer forget_gate_bias(double value) { return {InitializerType::forget_gate, value, 4}; }
  Initializer with_column_blocks(int blocks) const { return {type, value, blocks}; }
};

/// Fills `tensor` with values drawn from `random`.
void initialize(const Initializer& initializer, PhiloxStream random, View tensor);

}  // namespace dragoman
