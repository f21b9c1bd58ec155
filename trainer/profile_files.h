#pragma once

#include "io/run_folder.h"
#include "trainer/communicator.h"
#include "trainer/training_observer.h"
#include "trainer/training_profile.h"

namespace dragoman {

/// At the end of training: tells where the time went, and writes RUN/profile.json and RUN/trace.json. Files that cannot
/// be written are only warned of, for training itself has ended well. Collective.
void tell_profile(const TrainingProfile& profile, const RunFolder& run, Communicator& communicator,
                  TrainingObserver& observer);

}  // namespace dragoman
