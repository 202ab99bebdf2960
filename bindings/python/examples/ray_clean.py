"""JSON Lines in, restored Parquet out; an actor for each core.

python ray_clean.py crawl/ clean/
"""

import sys

import ray

from unspin.ray import Restore

if __name__ == "__main__":
    source, target = sys.argv[1:]
    ray.init()
    actors = int(ray.available_resources().get("CPU", 1))
    dataset = ray.data.read_json(source, lines=True)
    dataset = dataset.map_batches(
        Restore,
        fn_constructor_args=["text"],
        fn_constructor_kwargs={"report": True},
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=actors),
        # half a core each on Ray's books, so that reading and writing find room; if the actors hold all cores, Ray waits forever
        num_cpus=0.5,
    )
    dataset.write_parquet(target)
