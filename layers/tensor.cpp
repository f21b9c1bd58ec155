#include "layers/tensor.h"
