export HOME=/tmp GOCACHE=/tmp/gc GOFLAGS=-mod=mod; mkdir -p /tmp/g; cd /tmp/g
cat > a.go <<'E'
package main
import ("fmt";"net/http";"io";"os/exec";"sync";"time";"os";"os/signal";"syscall";"runtime")
func main(){ var wg sync.WaitGroup; ch:=make(chan int,100); for i:=0;i<1000;i++{wg.Add(1);go func(i int){defer wg.Done();time.Sleep(time.Millisecond);ch<-i}(i)}; go func(){wg.Wait();close(ch)}(); s:=0; for v:=range ch{s+=v}; fmt.Println(s)
 go http.ListenAndServe("127.0.0.1:8099",http.HandlerFunc(func(w http.ResponseWriter,r *http.Request){fmt.Fprint(w,"hello")})); time.Sleep(100*time.Millisecond)
 for i:=0;i<50;i++{ r,e:=http.Get("http://127.0.0.1:8099/"); if e!=nil{fmt.Println(e);os.Exit(1)}; b,_:=io.ReadAll(r.Body); r.Body.Close(); if string(b)!="hello"{fmt.Println("bad")}}
 o,e:=exec.Command("echo","sub").Output(); fmt.Printf("%q %v\n",o,e)
 c:=make(chan os.Signal,1); signal.Notify(c,syscall.SIGUSR1); syscall.Kill(os.Getpid(),syscall.SIGUSR1); fmt.Println(<-c)
 defer func(){fmt.Println(recover(),runtime.NumCPU()>0)}(); var p *int; *p=1 }
E
go build -o a a.go && ./a; echo $?
