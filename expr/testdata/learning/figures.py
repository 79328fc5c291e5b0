# Makes figures.json: what scikit-learn finds for random rows. Written with scikit-learn 1.9 and numpy 2.4:
#   python figures.py > figures.json
import json
import warnings

import numpy as np
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

warnings.filterwarnings("ignore")
rnd = np.random.default_rng(20261121)
cases = []


def put(kind, name, x, y, param, want, probe):
    cases.append({"kind": kind, "name": name, "x": np.asarray(x).tolist(), "y": None if y is None else np.asarray(y, float).tolist(),
                  "param": param, "want": want, "probe": np.asarray(probe).tolist()})


def linear(name, x, y, ridge=0.0):
    m = (Ridge(alpha=ridge, solver="svd") if ridge else LinearRegression()).fit(x, y)
    probe = rnd.normal(size=(5, x.shape[1]))
    put("linreg", name, x, y, ridge, {"coef": m.coef_.tolist(), "intercept": float(m.intercept_), "r2": float(m.score(x, y)),
                                      "predict": m.predict(probe).tolist()}, probe)


x = rnd.normal(size=(60, 3))
linear("plain", x, x @ [1.5, -2, 0.25] + 4 + rnd.normal(size=60) / 10)
x = rnd.normal(size=(40, 2)) * [1, 1e-3] + [1e6, 5]
linear("far from the origin", x, x @ [2, 300] + rnd.normal(size=40))
x = rnd.normal(size=(30, 2))
linear("one feature twice the other", np.c_[x, 2 * x[:, :1]], x @ [3, 1] - 2 + rnd.normal(size=30) / 4)
x = rnd.normal(size=(3, 5))
linear("fewer rows than features", x, rnd.normal(size=3))
x = rnd.normal(size=(50, 4))
linear("ridge", x, x @ [1, 2, 3, 4] + rnd.normal(size=50), ridge=7.5)
x = np.c_[rnd.normal(size=20), np.full(20, 3.0)]
linear("a constant feature", x, x[:, 0] * 2 + 1 + rnd.normal(size=20) / 100)


def logistic(name, x, y, ridge=1.0):
    m = LogisticRegression(C=1 / ridge if ridge else np.inf, tol=1e-14, max_iter=100000, solver="newton-cholesky").fit(x, y)
    probe = rnd.normal(size=(5, x.shape[1]))
    put("logreg", name, x, y, ridge, {"coef": m.coef_[0].tolist(), "intercept": float(m.intercept_[0]),
                                      "predict": m.predict_proba(probe)[:, 1].tolist()}, probe)


x = rnd.normal(size=(200, 3))
y = rnd.random(200) < 1 / (1 + np.exp(-(x @ [2, -1, 0.5] + 0.3)))
logistic("plain", x, y)
logistic("without ridge", x, y, ridge=0.0)
logistic("much ridge", x, y, ridge=50.0)
x = np.r_[rnd.normal(size=(20, 2)) + 6, rnd.normal(size=(20, 2)) - 6]
logistic("separable", x, np.r_[np.ones(20), np.zeros(20)])
x = rnd.integers(0, 3, size=(100, 2)).astype(float)
logistic("many equal rows", x, (x.sum(axis=1) + rnd.integers(0, 3, size=100)) > 3)


def begin(x, k):
    """The first centers as docs/learning.md says."""
    x = x[np.lexsort(x.T[::-1])]
    centers = [x[np.argmin(((x - x.mean(axis=0)) ** 2).sum(axis=1))]]
    while len(centers) < k:
        centers.append(x[np.argmax(np.min([((x - c) ** 2).sum(axis=1) for c in centers], axis=0))])
    return np.array(centers)


def clusters(name, x, k):
    m = KMeans(k, init=begin(x, k), n_init=1, algorithm="lloyd", tol=0, max_iter=300).fit(x)
    order = np.lexsort(m.cluster_centers_.T[::-1])
    place = np.argsort(order)
    probe = rnd.normal(size=(5, x.shape[1])) * 4
    put("kmeans", name, x, None, k, {"centers": m.cluster_centers_[order].tolist(), "sizes": np.bincount(place[m.labels_], minlength=k).tolist(),
                                     "inertia": float(m.inertia_), "predict": place[m.predict(probe)].tolist()}, probe)


clusters("three heaps", np.r_[rnd.normal(size=(40, 2)), rnd.normal(size=(30, 2)) + 8, rnd.normal(size=(20, 2)) - 8], 3)
clusters("no heaps", rnd.normal(size=(150, 3)), 5)
clusters("one", rnd.normal(size=(20, 2)), 1)

print(json.dumps(cases, indent=None, separators=(",", ":")).replace('{"kind"', '\n{"kind"'))
