#pragma once

// Everything, in the order of the layers: each folder includes only folders above it.
#include <eucv/core/error.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/implementation.hpp>
#include <eucv/core/json.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/core/lock.hpp>
#include <eucv/core/parallel.hpp>
#include <eucv/core/progress.hpp>
#include <eucv/core/random.hpp>
#include <eucv/core/result.hpp>
#include <eucv/core/version.hpp>

#include <eucv/net/address.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/client_options.hpp>
#include <eucv/net/connection.hpp>
#include <eucv/net/http.hpp>
#include <eucv/net/http_message.hpp>
#include <eucv/net/offload.hpp>
#include <eucv/net/pool.hpp>
#include <eucv/net/rate_limit.hpp>
#include <eucv/net/redirect.hpp>
#include <eucv/net/resolver.hpp>
#include <eucv/net/retry.hpp>
#include <eucv/net/run.hpp>
#include <eucv/net/secret.hpp>
#include <eucv/net/semaphore.hpp>
#include <eucv/net/task.hpp>
#include <eucv/net/tls.hpp>
#include <eucv/net/transport_error.hpp>
#include <eucv/net/url.hpp>
#include <eucv/net/wait.hpp>
#include <eucv/net/when_all.hpp>

#include <eucv/nn/activation.hpp>
#include <eucv/nn/any_model.hpp>
#include <eucv/nn/arena.hpp>
#include <eucv/nn/backend.hpp>
#include <eucv/nn/container.hpp>
#include <eucv/nn/conv2d.hpp>
#include <eucv/nn/dense.hpp>
#include <eucv/nn/dropout.hpp>
#include <eucv/nn/flatten.hpp>
#include <eucv/nn/host.hpp>
#include <eucv/nn/host_convolution.hpp>
#include <eucv/nn/host_map.hpp>
#include <eucv/nn/host_memory.hpp>
#include <eucv/nn/host_normalisation.hpp>
#include <eucv/nn/host_pool.hpp>
#include <eucv/nn/host_product.hpp>
#include <eucv/nn/host_tile.hpp>
#include <eucv/nn/host_weight_gradient.hpp>
#include <eucv/nn/initialise.hpp>
#include <eucv/nn/layer.hpp>
#include <eucv/nn/loss.hpp>
#include <eucv/nn/model.hpp>
#include <eucv/nn/norm.hpp>
#include <eucv/nn/optimizer.hpp>
#include <eucv/nn/parameter.hpp>
#include <eucv/nn/pool2d.hpp>
#include <eucv/nn/residual.hpp>
#include <eucv/nn/safetensors.hpp>
#include <eucv/nn/safetensors_header.hpp>
#include <eucv/nn/schedule.hpp>
#include <eucv/nn/shape.hpp>
#include <eucv/nn/simd.hpp>
#include <eucv/nn/tensor.hpp>
#include <eucv/nn/weights.hpp>
#include <eucv/nn/window.hpp>

#include <eucv/zoo/resnet.hpp>
#include <eucv/zoo/small.hpp>

#include <eucv/dataset/folder.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/dataset/vocabulary.hpp>

#include <eucv/europeana/client.hpp>
#include <eucv/europeana/cursor.hpp>
#include <eucv/europeana/estimate.hpp>
#include <eucv/europeana/failure.hpp>
#include <eucv/europeana/harvest.hpp>
#include <eucv/europeana/harvest_plan.hpp>
#include <eucv/europeana/harvest_report.hpp>
#include <eucv/europeana/harvest_state.hpp>
#include <eucv/europeana/page.hpp>
#include <eucv/europeana/query.hpp>
#include <eucv/europeana/record.hpp>
#include <eucv/europeana/rights.hpp>

#include <eucv/download/host_queue.hpp>
#include <eucv/download/items.hpp>
#include <eucv/download/journal.hpp>
#include <eucv/download/outcome.hpp>
#include <eucv/download/sha256.hpp>
#include <eucv/download/store.hpp>

#include <eucv/train/checkpoint.hpp>
#include <eucv/train/history.hpp>
#include <eucv/train/metrics.hpp>

#include <eucv/classify/architecture.hpp>
#include <eucv/classify/description.hpp>
