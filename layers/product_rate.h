#pragma once

#include "layers/matmul.h"

namespace dragoman {

/// The best rate, in floating-point operations a second, that oneDNN's matmul reaches in this thread on products of
/// (M,512) and (512,2048) for some M, the right-hand side in its own favourite order: what the speed of training is
/// held against. Takes about a second.
double best_product_rate(MatrixPrecision precision);

}  // namespace dragoman
