// What a Trust handle holds: the configuration in force, and the memory of used tokens, which
// outlives every reload.
#pragma once

#include <memory>
#include <mutex>

#include <remit/trust.h>

#include "engine/identity/configuration.h"
#include "engine/identity/replay.h"

namespace remit {

struct Trust::State {
  // The configuration now; the caller's copy stays whole while another is put in its place.
  std::shared_ptr<const identity::Configuration> configuration() const {
    const std::lock_guard<std::mutex> lock(mutex);
    return current;
  }
  void replace(std::shared_ptr<const identity::Configuration> next) {
    replay.set_capacity(next->remembered);
    const std::lock_guard<std::mutex> lock(mutex);
    current = std::move(next);
  }

  mutable std::mutex mutex;
  std::shared_ptr<const identity::Configuration> current;
  std::mutex changing;  // held while a change is made from the configuration before it
  identity::ReplayMemory replay;
};

}  // namespace remit
